package archtest_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// testInDocs is a test that a document names as proof: `TestX` or `FuzzX`.
var testInDocs = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`")

// TestDocumentsNameTestsThatExist keeps the documents from proving something with a test that is gone.
func TestDocumentsNameTestsThatExist(t *testing.T) {
	tests := testFunctions(t)
	for path, text := range filesIn(t, "docs", ".md") {
		for _, name := range missingTests(text, tests) {
			t.Errorf("%s: there is no test %s", path, name)
		}
	}
}

func TestMutantMissingTestIsReported(t *testing.T) {
	got := missingTests("by `TestThere` and `TestGone`, not TestPlain", map[string]bool{"TestThere": true})
	if !slices.Equal(got, []string{"TestGone"}) {
		t.Errorf("missing tests: %q, want TestGone", got)
	}
}

func missingTests(text string, tests map[string]bool) (missing []string) {
	for _, m := range testInDocs.FindAllStringSubmatch(text, -1) {
		if !tests[m[1]] {
			missing = append(missing, m[1])
		}
	}
	return missing
}

// testFunctions are the names of all test functions.
func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	for path, source := range goFiles(t) {
		if strings.HasSuffix(path, "_test.go") {
			for _, m := range testFuncDef.FindAllStringSubmatch(source, -1) {
				tests[m[1]] = true
			}
		}
	}
	return tests
}
