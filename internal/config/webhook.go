package config

import "net/url"

// checkWebhook never shows the URL, whose query may hold a secret.
func (c *Config) checkWebhook(f *faults) {
	if c.Webhook == "" {
		if c.WebhookSecretFile != "" {
			f.add("webhook-secret-file", "there is no --webhook whose posts it would sign")
		}
		return
	}
	if c.WebhookSecretFile == "" {
		f.add("webhook-secret-file", "missing; --webhook signs every post with the secret in this file")
	}
	u, err := url.Parse(c.Webhook)
	switch {
	case err != nil || u.Host == "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		f.add("webhook", "want an absolute URL without a fragment, such as https://receiver.example/events")
	case u.User != nil:
		f.add("webhook", "a user or password does not belong in the URL; every post is signed")
	case u.Scheme == "http" && !(address{host: u.Hostname()}).loopback() && !c.InsecureHTTP:
		f.add("webhook", "plain HTTP can be read on the way; use https, a loopback address, or add --insecure-http")
	}
}
