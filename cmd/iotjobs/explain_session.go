package main

import (
	"context"
	"fmt"
	"strings"

	"iotjobs/internal/auth"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// sessionNamed reads assumed-role/ROLE/CERTIFICATE, as the log has it and as the end of the ARN that GetCallerIdentity gives.
func sessionNamed(principal string) (*registry.Session, bool) {
	name, ok := strings.CutPrefix(principal[strings.LastIndexByte(principal, ':')+1:], "assumed-role/")
	role, certificate, both := strings.Cut(name, "/")
	return &registry.Session{Role: registry.RoleName(role), Certificate: registry.CertificateID(certificate)}, ok && both
}

// explainSession speaks of a device with temporary credentials. Its thing is the one that it named when it asked for them; here the one in question. When
// the credentials expire is not known.
func explainSession(ctx context.Context, known identities, in explainRequest, session *registry.Session) ([]string, error) {
	role, err := known.DescribeRole(ctx, session.Role)
	if err != nil {
		return nil, err
	}
	device, err := known.Service.Authority(ctx, session.Certificate, "")
	if err != nil {
		return nil, err
	}
	if device.Certificate == nil {
		return nil, jobs.Errorf(jobs.ResourceNotFound, "Certificate %s cannot be found.", session.Certificate)
	}
	session.RoleID, session.Thing = role.Role.ID, in.Thing
	if session.Thing == "" {
		session.Thing = thingOf(in.Resource)
	}
	sentences := []string{fmt.Sprintf("Role %s is %s; certificate %s is %s.", role.Role.Name, role.Role.ID, session.Certificate, device.Certificate.Status)}
	fault := ""
	if device.Certificate.Status != registry.CertificateActive {
		fault = "the certificate is not ACTIVE"
		sentences = append(sentences, "Every call that is signed with its temporary credentials is refused, whatever policies say.")
	}
	who := auth.Principal{Session: session, SourceIP: in.SourceIP, Secure: !in.PlainHTTP}
	call := auth.Call{Action: in.Action, Resource: in.Resource, Thing: session.Thing}
	of, _, err := known.SessionAuthority(ctx, session)
	if err != nil {
		return nil, err
	}
	thing := "It acts as no thing, so credentials-iot:ThingName is undefined."
	if session.Thing != "" {
		thing = fmt.Sprintf("If it named thing %s and is attached to it, credentials-iot:ThingName is that; else it is undefined.", session.Thing)
	}
	return append(sentences, thing, policiesInForce(of.Policies), verdict(fault, known.sessionAuthority(of, who).Decide(who, call), call)), nil
}
