package archtest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// goPackage is the part of `go list -json` that the checks read. Imports are those of the non-test files.
type goPackage struct {
	ImportPath string
	Imports    []string
	Error      *struct{ Err string }
}

const module = "iotjobs"

func TestImports(t *testing.T) {
	packages := listPackages(t)
	for _, p := range packages {
		if p.Error != nil {
			t.Errorf("go list: %s: %s", p.ImportPath, p.Error.Err)
		}
	}
	for _, v := range violations(packages) {
		t.Error(v)
	}
}

func TestTableNamesOnlyItsOwnRows(t *testing.T) {
	for name, imports := range mayImport {
		for _, imported := range imports {
			if _, ok := mayImport[imported]; !ok {
				t.Errorf("row %q names %q, which has no row", name, imported)
			}
		}
	}
}

// The negative control: a checker that finds nothing here would find nothing in the tree.
func TestMutantForbiddenImportIsReported(t *testing.T) {
	tests := []struct {
		name string
		pkg  goPackage
		want string // "" when the import is allowed
	}{
		{"allowed import of ours", goPackage{ImportPath: "iotjobs/internal/jobs", Imports: []string{"iotjobs/internal/registry", "net/http"}}, ""},
		{"store imported by the domain", goPackage{ImportPath: "iotjobs/internal/jobs", Imports: []string{"iotjobs/internal/store"}}, "iotjobs/internal/jobs may not import iotjobs/internal/store"},
		{"parent allowed, its child not", goPackage{ImportPath: "iotjobs/internal/service", Imports: []string{"iotjobs/internal/store/pebble"}}, "iotjobs/internal/service may not import iotjobs/internal/store/pebble"},
		{"cmd imported", goPackage{ImportPath: "iotjobs/internal/worker", Imports: []string{"iotjobs/cmd/iotjobs"}}, "iotjobs/internal/worker may not import iotjobs/cmd/iotjobs"},
		{"test package imported", goPackage{ImportPath: "iotjobs/internal/worker", Imports: []string{"iotjobs/test/sim"}}, "iotjobs/internal/worker may not import iotjobs/test/sim"},
		{"package without a row", goPackage{ImportPath: "iotjobs/internal/helpers"}, "iotjobs/internal/helpers has no row"},
		{"package in a new place", goPackage{ImportPath: "iotjobs/pkg/api"}, "iotjobs/pkg/api has no row"},
		{"cmd imports everything of ours", goPackage{ImportPath: "iotjobs/cmd/iotjobs", Imports: []string{"iotjobs/internal/store/pebble"}}, ""},
		{"test imports everything of ours", goPackage{ImportPath: "iotjobs/test/sim", Imports: []string{"iotjobs/internal/store/pebble"}}, ""},
		{"third party at home", goPackage{ImportPath: "iotjobs/internal/store/pebble", Imports: []string{"github.com/cockroachdb/pebble/v2/vfs"}}, ""},
		{"third party below its home", goPackage{ImportPath: "iotjobs/internal/store/pebble", Imports: []string{"github.com/fxamacker/cbor/v2"}}, ""},
		{"third party not at home", goPackage{ImportPath: "iotjobs/internal/service", Imports: []string{"github.com/cockroachdb/pebble/v2"}}, "github.com/cockroachdb/pebble/v2 has its home elsewhere"},
		{"third party not at home in cmd", goPackage{ImportPath: "iotjobs/cmd/iotjobs", Imports: []string{"github.com/jackc/pgx/v5/pgxpool"}}, "github.com/jackc/pgx/v5/pgxpool has its home elsewhere"},
		{"module name is a whole path element", goPackage{ImportPath: "iotjobs/internal/store/pebble", Imports: []string{"github.com/cockroachdb/pebble/v2x"}}, "github.com/cockroachdb/pebble/v2x is in no row"},
		{"third party unknown", goPackage{ImportPath: "iotjobs/internal/service", Imports: []string{"example.com/x"}}, "example.com/x is in no row of thirdPartyHomes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(violations([]goPackage{tt.pkg}), "\n")
			if tt.want == "" && got != "" {
				t.Errorf("reported %q, want nothing", got)
			}
			if !strings.Contains(got, tt.want) {
				t.Errorf("reported %q, want %q", got, tt.want)
			}
		})
	}
}

// violations compares packages with mayImport and thirdPartyHomes and returns one sentence for each breach.
func violations(packages []goPackage) []string {
	var found []string
	for _, p := range packages {
		own := strings.TrimPrefix(p.ImportPath, module+"/")
		name, internal := strings.CutPrefix(own, "internal/")
		free := own == "cmd/iotjobs" || strings.HasPrefix(own, "test/")
		allowed, listed := mayImport[name]
		if !free && (!internal || !listed) {
			found = append(found, fmt.Sprintf("%s has no row in mayImport (internal/archtest/table_test.go)", p.ImportPath))
			continue
		}
		for _, imported := range p.Imports {
			importedOwn, ours := strings.CutPrefix(imported, module+"/")
			switch {
			case ours:
				importedName, ok := strings.CutPrefix(importedOwn, "internal/")
				if !free && (!ok || !slices.Contains(allowed, importedName)) {
					found = append(found, fmt.Sprintf("%s may not import %s", p.ImportPath, imported))
				}
			case isStandard(imported):
			default:
				if breach := homeViolation(own, imported); breach != "" {
					found = append(found, fmt.Sprintf("%s: %s", p.ImportPath, breach))
				}
			}
		}
	}
	return found
}

// homeViolation returns what is wrong with a package of ours importing a third-party package, or "".
func homeViolation(own, imported string) string {
	for _, thirdParty := range slices.Sorted(maps.Keys(thirdPartyHomes)) {
		if !within(imported, thirdParty) {
			continue
		}
		homes := thirdPartyHomes[thirdParty]
		atHome := slices.ContainsFunc(homes, func(home string) bool {
			dir, below := strings.CutSuffix(home, "/...")
			return own == dir || below && within(own, dir)
		})
		if !atHome {
			return fmt.Sprintf("%s has its home elsewhere: %s", imported, strings.Join(homes, ", "))
		}
		return ""
	}
	return imported + " is in no row of thirdPartyHomes (internal/archtest/table_test.go)"
}

// within reports whether path is dir or lies below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}

// isStandard reports whether an import path belongs to the standard library: only there the first element has no dot.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports,Error", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go list: %v: %s", err, failed.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	var packages []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages = append(packages, p)
	}
	if len(packages) == 0 {
		t.Fatal("go list found no packages")
	}
	return packages
}
