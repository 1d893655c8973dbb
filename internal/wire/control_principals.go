package wire

import "iotjobs/internal/registry"

// ThingPrincipalList answers ListThingPrincipals.
type ThingPrincipalList struct {
	Principals []string `json:"principals"`
	NextToken  *string  `json:"nextToken"`
}

// PrincipalThingList answers ListPrincipalThings.
type PrincipalThingList struct {
	Things    []registry.ThingName `json:"things"`
	NextToken *string              `json:"nextToken"`
}

// ThingPrincipalObjectList answers ListThingPrincipalsV2.
type ThingPrincipalObjectList struct {
	ThingPrincipalObjects []thingPrincipalObject `json:"thingPrincipalObjects"`
	NextToken             *string                `json:"nextToken"`
}

type thingPrincipalObject struct {
	Principal          string                      `json:"principal"`
	ThingPrincipalType registry.ThingPrincipalType `json:"thingPrincipalType"`
}

// PrincipalThingObjectList answers ListPrincipalThingsV2.
type PrincipalThingObjectList struct {
	PrincipalThingObjects []principalThingObject `json:"principalThingObjects"`
	NextToken             *string                `json:"nextToken"`
}

type principalThingObject struct {
	ThingName          registry.ThingName          `json:"thingName"`
	ThingPrincipalType registry.ThingPrincipalType `json:"thingPrincipalType"`
}

// ThingPrincipals renders a page of ListThingPrincipals.
func (r Realm) ThingPrincipals(page []registry.ThingPrincipal, nextToken string) ThingPrincipalList {
	list := ThingPrincipalList{Principals: make([]string, len(page)), NextToken: orNull(nextToken)}
	for i, p := range page {
		list.Principals[i] = r.CertificateARN(p.Certificate)
	}
	return list
}

// PrincipalThings renders a page of ListPrincipalThings.
func PrincipalThings(page []registry.ThingPrincipal, nextToken string) PrincipalThingList {
	list := PrincipalThingList{Things: make([]registry.ThingName, len(page)), NextToken: orNull(nextToken)}
	for i, p := range page {
		list.Things[i] = p.Thing
	}
	return list
}

// ThingPrincipalObjects renders a page of ListThingPrincipalsV2.
func (r Realm) ThingPrincipalObjects(page []registry.ThingPrincipal, nextToken string) ThingPrincipalObjectList {
	list := ThingPrincipalObjectList{ThingPrincipalObjects: make([]thingPrincipalObject, len(page)), NextToken: orNull(nextToken)}
	for i, p := range page {
		list.ThingPrincipalObjects[i] = thingPrincipalObject{Principal: r.CertificateARN(p.Certificate), ThingPrincipalType: p.Type}
	}
	return list
}

// PrincipalThingObjects renders a page of ListPrincipalThingsV2.
func PrincipalThingObjects(page []registry.ThingPrincipal, nextToken string) PrincipalThingObjectList {
	list := PrincipalThingObjectList{PrincipalThingObjects: make([]principalThingObject, len(page)), NextToken: orNull(nextToken)}
	for i, p := range page {
		list.PrincipalThingObjects[i] = principalThingObject{ThingName: p.Thing, ThingPrincipalType: p.Type}
	}
	return list
}
