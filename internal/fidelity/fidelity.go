// Package fidelity has one switch for each behaviour that was measured of AWS and is not our default, because another answer serves clients
// better. A switch is for whoever must see just what AWS answers. It decides nothing itself; it knows no operation and no transport.
package fidelity

import (
	"fmt"
	"slices"
	"strings"
)

// Switches says which of AWS's behaviours are followed. Zero is the default everywhere.
type Switches struct {
	// RetiredJobsEndpoint: DescribeEndpoint of iot:Jobs is refused, with a pointer to iot:Data-ATS, instead of answered with an address (Q4).
	RetiredJobsEndpoint bool
	// UnknownOperationOK: an unknown path of the device plane is answered with 200 and an error document, instead of 404 (Q17).
	UnknownOperationOK bool
}

// named is the table of contents: the names that operators write.
var named = map[string]func(*Switches){
	"retired-jobs-endpoint": func(s *Switches) { s.RetiredJobsEndpoint = true },
	"unknown-operation-200": func(s *Switches) { s.UnknownOperationOK = true },
}

// Names lists all switches.
func Names() []string {
	var names []string
	for name := range named {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Parse reads names separated by commas; empty is none.
func Parse(list string) (s Switches, err error) {
	if list == "" {
		return s, nil
	}
	for name := range strings.SplitSeq(list, ",") {
		turnOn, ok := named[strings.TrimSpace(name)]
		if !ok {
			return Switches{}, fmt.Errorf("%q is no switch; there are %s", name, strings.Join(Names(), ", "))
		}
		turnOn(&s)
	}
	return s, nil
}
