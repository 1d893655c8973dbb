package wire

import "iotjobs/internal/registry"

// RootARN names the account itself, which access keys act for that are bound to nobody.
func (r Realm) RootARN() string { return "arn:" + r.partition() + ":iam::" + r.Account + ":root" }

// UserARN names a user of the account.
func (r Realm) UserARN(name registry.UserName) string {
	return "arn:" + r.partition() + ":iam::" + r.Account + ":user/" + string(name)
}
