package wire

// CredentialsReply answers a device that asks for temporary credentials (HTTP-10.1).
type CredentialsReply struct {
	Credentials Credentials `json:"credentials"`
}

// Credentials are temporary ones. Expiration is as in 2018-01-18T09:18:06Z.
type Credentials struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SessionToken    string `json:"sessionToken"`
	Expiration      string `json:"expiration"`
}
