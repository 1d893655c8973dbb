package service

import "iotjobs/internal/registry"

// ForgetAuthority drops what is kept of what a certificate may do.
func ForgetAuthority(s *Service, id registry.CertificateID) {
	s.authorities.forget(IdentityChange{Certificates: []registry.CertificateID{id}})
}
