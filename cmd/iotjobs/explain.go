package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"iotjobs/internal/auth"
	"iotjobs/internal/jobs"
	"iotjobs/internal/policy"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
)

// explainCmd says whether a principal may do something, and which statement decides.
type explainCmd struct {
	place
	explainRequest
}

// explainRequest is one question.
type explainRequest struct {
	Principal string             `json:"principal" required:"" placeholder:"ID|ARN" help:"Certificate: its id or its ARN. User: the name, user/NAME, the ARN or an access key's id. Temporary credentials: assumed-role/ROLE/CERTIFICATE."`
	Action    string             `json:"action" required:"" placeholder:"ACTION" help:"What it wants to do, as in policies: iotjobsdata:UpdateJobExecution, iot:Publish."`
	Resource  string             `json:"resource" required:"" placeholder:"ARN" help:"On what."`
	Thing     registry.ThingName `json:"thing" placeholder:"NAME" help:"As which thing it acts; by default the one that --resource names."`
	SourceIP  netip.Addr         `json:"sourceIp" name:"source-ip" placeholder:"ADDRESS" help:"From where it calls, for policies that ask."`
	PlainHTTP bool               `json:"plainHttp" name:"plain-http" help:"A user calls without TLS, for policies that ask."`
}

// Run prints the explanation, a sentence a line.
func (c *explainCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(to operator) error {
		sentences, err := to.Explain(ctx, c.explainRequest)
		for _, sentence := range sentences {
			fmt.Println(sentence)
		}
		return err
	})
}

// Explain asks the service of a stopped server.
func (o opened) Explain(ctx context.Context, in explainRequest) ([]string, error) {
	return explain(ctx, identities{Service: o.Service, signed: signedIn(realmOf(in.Resource))}, in)
}

// Explain asks a running server.
func (c *socketClient) Explain(ctx context.Context, in explainRequest) (sentences []string, err error) {
	err = c.call(ctx, http.MethodPost, "/explain", in, &sentences)
	return sentences, err
}

func (s *server) explain(w http.ResponseWriter, r *http.Request) {
	var in explainRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil {
		answer(w, s.log, nil, jobs.Errorf(jobs.InvalidRequest, "The request is not valid JSON: %s.", err))
		return
	}
	sentences, err := explain(r.Context(), s.dir.identities(s.realm()), in)
	answer(w, s.log, sentences, err)
}

// explain decides as the guard of the planes does, and tells how.
func explain(ctx context.Context, known identities, in explainRequest) ([]string, error) {
	if session, ok := sessionNamed(in.Principal); ok {
		return explainSession(ctx, known, in, session)
	}
	key, user, err := signer(ctx, known.Service, in.Principal)
	switch {
	case err != nil:
		return nil, err
	case key != nil || user != nil:
		return explainSigned(ctx, known, in, key, user)
	default:
		return explainCertificate(ctx, known.Service, in)
	}
}

// explainCertificate begins with a verdict about the certificate itself. Without it the decision of its policies would mislead: a revoked one is
// refused before any policy is asked.
func explainCertificate(ctx context.Context, s *service.Service, in explainRequest) ([]string, error) {
	id := registry.CertificateID(lastPart(in.Principal))
	found, err := s.DescribeCertificate(ctx, id)
	if err != nil {
		return nil, err
	}
	cert, err := registry.ParseCertificate(found.PEM)
	if err != nil {
		return nil, err
	}
	who := auth.CertificatePrincipal(cert, in.SourceIP)
	call := auth.Call{Action: in.Action, Resource: in.Resource, Thing: in.Thing}
	if call.Thing == "" {
		call.Thing = thingOf(in.Resource)
	}
	of, err := s.Authority(ctx, id, call.Thing)
	if err != nil {
		return nil, err
	}
	fault := faultOf(found, cert)
	sentences := []string{fmt.Sprintf("Certificate %s is %s.", id, found.Status)}
	if fault != "" {
		sentences = append(sentences, fmt.Sprintf("It %s: every call is refused, whatever policies say.", fault))
		fault = "the certificate " + fault
	}
	sentences = append(sentences, attachment(of, call.Thing), policiesInForce(of.Policies))
	decision := certificateAuthority(of).Decide(who, call)
	return append(sentences, verdict(fault, decision, call)), nil
}

// faultOf says why a certificate is refused before any policy is asked; empty if it is not.
func faultOf(found *registry.Certificate, cert *x509.Certificate) string {
	if fault := auth.CertificateFault(cert, time.Now()); fault != "" {
		return fault
	}
	if found.Status != registry.CertificateActive {
		return "is not ACTIVE"
	}
	return ""
}

func verdict(fault string, decision policy.Decision, call auth.Call) string {
	switch {
	case fault != "":
		return fmt.Sprintf("DENIED: %s on %s: %s. By policies alone: %s.", call.Action, call.Resource, fault, decision.Reason())
	case decision.Allowed:
		return fmt.Sprintf("ALLOWED: %s on %s: %s.", call.Action, call.Resource, decision.Reason())
	default:
		return fmt.Sprintf("DENIED: %s on %s: %s.", call.Action, call.Resource, decision.Reason())
	}
}

// thingOf is the thing that an ARN names; empty if it names none.
func thingOf(arn string) registry.ThingName {
	const colonsBefore = 5
	parts := strings.SplitN(arn, ":", colonsBefore+1)
	name, _ := strings.CutPrefix(parts[len(parts)-1], "thing/")
	if len(parts) != colonsBefore+1 || name == parts[len(parts)-1] {
		return ""
	}
	return registry.ThingName(name)
}

func attachment(of service.Authority, thing registry.ThingName) string {
	switch {
	case thing == "":
		return "It acts as no thing, so iot:Connection.Thing.* is undefined."
	case of.Thing == nil:
		return fmt.Sprintf("It is not attached to thing %s, so iot:Connection.Thing.* is undefined, except IsAttached.", thing)
	}
	return fmt.Sprintf("It is attached to thing %s.", thing)
}

func policiesInForce(policies []policy.Named) string {
	names := make([]string, len(policies))
	for i, p := range policies {
		names[i] = p.Name
	}
	if len(names) == 0 {
		return "No policy is attached to it."
	}
	return "Policies in force: " + strings.Join(names, ", ") + "."
}
