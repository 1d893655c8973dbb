package fidelity_test

import (
	"strings"
	"testing"

	"iotjobs/internal/fidelity"
)

func TestSwitchesAreNamed(t *testing.T) {
	all, err := fidelity.Parse(strings.Join(fidelity.Names(), ", "))
	if want := (fidelity.Switches{RetiredJobsEndpoint: true, UnknownOperationOK: true}); err != nil || all != want {
		t.Errorf("all names give %+v, error %v; want %+v", all, err, want)
	}
	if none, err := fidelity.Parse(""); err != nil || none != (fidelity.Switches{}) {
		t.Errorf("no name gives %+v, error %v", none, err)
	}
	if _, err := fidelity.Parse("retired-jobs-endpoint,aws"); err == nil || !strings.Contains(err.Error(), `"aws"`) {
		t.Errorf("an unknown name gives the error %v", err)
	}
}
