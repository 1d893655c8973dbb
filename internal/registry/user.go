package registry

import "time"

// UserName names a user of the account: 1 to 64 of [\w+=,.@-]. No two differ by case only.
type UserName string

// UserID tells a user from an earlier one of the same name; AIDA and 16 of [A-Z2-7], as AWS's.
type UserID string

// User is somebody who signs requests with access keys and may do what his policies allow. He never changes; who keeps one may share it.
type User struct {
	Name      UserName
	ID        UserID
	CreatedAt time.Time
}

// Limits of users, as AWS IAM has them for access keys and for managed policies; here policies are the user's own and go with him.
const (
	// MaxKeysOfUser is enough to change from one key to the next.
	MaxKeysOfUser = 2
	// MaxPoliciesOfUser, each of the size that policy.Parse allows.
	MaxPoliciesOfUser = 10
)

// UserPolicy is a policy of a user, an IAM identity policy.
type UserPolicy struct {
	Name     PolicyName
	Document string
}

// KeyUse is when an access key last signed a request, to a few minutes, and for what.
type KeyUse struct {
	At time.Time
	// Service is that of the credential scope: iot, iot-jobs-data, sts.
	Service, Region string
}

// Credential is what a signature is checked with. It never changes; who keeps one may share it.
type Credential struct {
	// Secret is the key's secret. It is never logged.
	Secret string
	// User is whose key it is; nil for a key of the account itself, which may do everything, and for temporary credentials.
	User *User
	// Session is what temporary credentials stand for; nil for other keys.
	Session *Session
}
