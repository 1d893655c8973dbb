package sigv4

// habits are the ways in which signing for a service departs from the general rules. They are facts of the clients, not switches.
type habits struct {
	// pathOnce: the canonical path is the path as sent, not encoded a second time.
	pathOnce bool
	// presignedUnsigned: a presigned request never covers its body, without saying so.
	presignedUnsigned bool
	// tokenOutside: the session token is added after signing. It loses nothing: the token is compared with the one that belongs to the key.
	tokenOutside bool
}

func habitsOf(service string) habits {
	switch service {
	case "s3": // botocore: S3SigV4Auth, S3SigV4QueryAuth
		return habits{pathOnce: true, presignedUnsigned: true}
	case "iotdevicegateway": // MQTT over WebSocket: all device SDKs
		return habits{tokenOutside: true}
	default:
		return habits{}
	}
}
