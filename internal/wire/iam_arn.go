package wire

// RootARN names the account itself, which access keys act for that are bound to nobody.
func (r Realm) RootARN() string { return "arn:" + r.partition() + ":iam::" + r.Account + ":root" }
