package service

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"iotjobs/internal/registry"
	"iotjobs/internal/store"
)

// targetsOf is the list of what a policy is attached to.
func targetsOf(name registry.PolicyName) creationOrder {
	return creationOrder("target-of-" + string(name) + "/")
}

// attachedPolicies are those of a target itself, by name.
func attachedPolicies(tx store.ReadTx, key string) (names []registry.PolicyName, err error) {
	records, err := allUnder(tx, store.TargetPolicyRecord, key+"/")
	for _, record := range records {
		names = append(names, registry.PolicyName(part(record, key+"/")))
	}
	return names, err
}

// The keys of targets in records. A group's is its number: a later group of the same name is another one.
const (
	certificateKeyPrefix = "cert:"
	groupKeyPrefix       = "group:"
)

func certificateKey(id registry.CertificateID) string { return certificateKeyPrefix + string(id) }

func groupKey(number registry.GroupNumber) string {
	return groupKeyPrefix + strconv.FormatUint(uint64(number), 10)
}

// targetKey is empty for a thing group that does not exist.
func targetKey(tx store.ReadTx, t registry.PolicyTarget) (string, error) {
	if t.Group == "" {
		return certificateKey(t.Certificate), nil
	}
	group, err := tx.Group(t.Group)
	if err != nil || group == nil {
		return "", err
	}
	return groupKey(group.Number), nil
}

// existingTarget is the key of a target, or a refusal.
func existingTarget(tx store.ReadTx, t registry.PolicyTarget) (string, error) {
	if t.Group == "" {
		_, err := existingCertificate(tx, t.Certificate)
		return certificateKey(t.Certificate), err
	}
	group, err := existingGroup(tx, t.Group)
	if err != nil {
		return "", err
	}
	return groupKey(group.Number), nil
}

// attachableTarget is the key of a target that takes policies, or a refusal: dynamic thing groups take none (CTRL-3.3.5).
func attachableTarget(tx store.ReadTx, t registry.PolicyTarget) (string, error) {
	if t.Group != "" {
		group, err := existingGroup(tx, t.Group)
		if err != nil {
			return "", err
		}
		if err := ofKind(group, false); err != nil {
			return "", err
		}
	}
	return existingTarget(tx, t)
}

// targetOf reads a key. A group that was deleted has no attachments, so it is there.
func targetOf(tx store.ReadTx, key string) (registry.PolicyTarget, error) {
	if id, ok := strings.CutPrefix(key, certificateKeyPrefix); ok {
		return registry.PolicyTarget{Certificate: registry.CertificateID(id)}, nil
	}
	number, err := strconv.ParseUint(strings.TrimPrefix(key, groupKeyPrefix), 10, 64)
	if err != nil {
		return registry.PolicyTarget{}, fmt.Errorf("decode target %s: %w", key, err)
	}
	group, err := tx.GroupByNumber(registry.GroupNumber(number))
	if err != nil || group == nil {
		return registry.PolicyTarget{}, errors.Join(err, fmt.Errorf("a policy is attached to group %d, which is gone", number))
	}
	return registry.PolicyTarget{Group: group.Name}, nil
}
