package main

import (
	"context"
	"fmt"
	"strings"

	"iotjobs/internal/auth"
	"iotjobs/internal/config"
	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
	"iotjobs/internal/service"
	"iotjobs/internal/wire"
)

// signer finds the access key or the user that a principal names; both are nil if it names something else, which then can only be a certificate.
func signer(ctx context.Context, s *service.Service, principal string) (*service.AccessKey, *registry.User, error) {
	name, isUser := strings.CutPrefix(principal[strings.LastIndexByte(principal, ':')+1:], "user/")
	if !isUser {
		keys, err := s.ListAccessKeys(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, key := range keys {
			if key.ID != principal {
				continue
			}
			user, err := s.OwnerOfKey(ctx, key.ID)
			return &key, user, err
		}
	}
	found, err := s.DescribeUser(ctx, registry.UserName(name))
	if jobs.CodeOf(err) == jobs.ResourceNotFound && !isUser {
		return nil, nil, nil
	}
	return nil, found.User, err
}

// explainSigned speaks of who signs with an access key, and of the key itself if it was named: an inactive one is refused before any policy is asked.
func explainSigned(ctx context.Context, known identities, in explainRequest, key *service.AccessKey, user *registry.User) ([]string, error) {
	var sentences []string
	fault := ""
	who := auth.Principal{User: user, SourceIP: in.SourceIP, Secure: !in.PlainHTTP}
	if key != nil {
		who.AccessKeyID = key.ID
		sentences = append(sentences, fmt.Sprintf("Access key %s is %s.", key.ID, keyStatus(*key)))
		if key.Inactive {
			sentences = append(sentences, "Every call that is signed with it is refused, whatever policies say.")
			fault = "the access key is inactive"
		}
	}
	call := auth.Call{Action: in.Action, Resource: in.Resource, Thing: in.Thing}
	if strings.EqualFold(in.Action, "sts:GetCallerIdentity") && fault == "" {
		return append(sentences, "ALLOWED: whoever signs with a good key may ask who he is, whatever policies say."), nil
	}
	of, err := known.Authority(ctx, who, call.Thing)
	if err != nil {
		return nil, err
	}
	if user == nil {
		sentences = append(sentences, "It is a key of the account itself, which may do everything.")
		if fault == "" {
			return append(sentences, fmt.Sprintf("ALLOWED: %s on %s.", call.Action, call.Resource)), nil
		}
		return append(sentences, fmt.Sprintf("DENIED: %s on %s: %s.", call.Action, call.Resource, fault)), nil
	}
	sentences = append(sentences, fmt.Sprintf("User %s is %s.", user.Name, user.ID), policiesInForce(of.Policies))
	return append(sentences, verdict(fault, of.Decide(who, call), call)), nil
}

// realmOf is the account and region of a stopped server: those that a resource names, else those that it would start with. Only policies that ask for
// the account, the region or the ARN of the caller see a difference.
func realmOf(arn string) wire.Realm {
	const region, account, segments = 3, 4, 6
	c := config.Default()
	realm := wire.Realm{Region: c.Region, Account: c.AccountID}
	if parts := strings.SplitN(arn, ":", segments); len(parts) == segments && parts[region] != "" && parts[account] != "" {
		realm = wire.Realm{Region: parts[region], Account: parts[account]}
	}
	return realm
}

// lastPart is what follows the last slash: the id in an ARN.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
