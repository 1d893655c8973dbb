package config

// checkCertificates wants files in pairs, and used.
func (c *Config) checkCertificates(f *faults) {
	for _, pair := range []struct{ certFlag, cert, keyFlag, key string }{
		{"tls-cert", c.TLSCert, "tls-key", c.TLSKey},
		{"ca-cert", c.CACert, "ca-key", c.CAKey},
	} {
		switch {
		case pair.cert != "" && pair.key == "":
			f.add(pair.keyFlag, "missing; --%s needs its key", pair.certFlag)
		case pair.cert == "" && pair.key != "":
			f.add(pair.certFlag, "missing; --%s is the key of no certificate", pair.keyFlag)
		}
	}
	if c.TLSCert != "" && c.HTTPS == Off && c.MQTTS == Off {
		f.add("tls-cert", "no listener would show it: --https is %q", Off)
	}
}
