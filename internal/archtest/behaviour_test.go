package archtest_test

import (
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the directory of go.mod, seen from this package.
const root = "../.."

var (
	// A third match group means that it is not a rule id: MQTT-3.1.4-2 is a statement of the MQTT standard.
	idInText    = regexp.MustCompile(`(^|[^\w-])((?:HTTP|MQTT|CTRL|LIFE)-\d+(?:\.\d+)*|Q\d+)\b(-\d)?`)
	idAlone     = regexp.MustCompile(`^(?:(?:HTTP|MQTT|CTRL|LIFE)-\d+(?:\.\d+)*|Q\d+)$`)
	section     = regexp.MustCompile(`^#+ ((?:HTTP|MQTT|CTRL|LIFE)-\d+(?:\.\d+)*)\b`)
	cellBorder  = regexp.MustCompile(`(?:^|[^\\])\|`)
	testName    = regexp.MustCompile(`^(?:Test|Fuzz)\w+$`)
	testFuncDef = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// A rule is a numbered row of a table in docs/behaviour, or a numbered section heading (then provedBy is empty).
type rule struct {
	id       string
	where    string
	provedBy []string
}

func TestRuleIDsInCommentsExist(t *testing.T) {
	known := map[string]bool{}
	for _, r := range behaviour(t) {
		known[r.id] = true
	}
	for path, source := range goFiles(t) {
		for _, id := range idsInComments(source) {
			if !known[id.text] {
				t.Errorf("%s:%d: rule %s is not in docs/behaviour", path, id.line, id.text)
			}
		}
	}
}

func TestRulesReferToRulesThatExist(t *testing.T) {
	known := map[string]bool{}
	for _, r := range behaviour(t) {
		known[r.id] = true
	}
	for path, text := range behaviourFiles(t) {
		for i, line := range strings.Split(text, "\n") {
			for _, id := range idsIn(line) {
				if !known[id] {
					t.Errorf("%s:%d: rule %s does not exist", path, i+1, id)
				}
			}
		}
	}
}

func TestRuleIDsAreUnique(t *testing.T) {
	first := map[string]string{}
	for _, r := range behaviour(t) {
		if where, twice := first[r.id]; twice {
			t.Errorf("%s: rule %s is already at %s", r.where, r.id, where)
		}
		first[r.id] = r.where
	}
}

func TestProvingTestsExist(t *testing.T) {
	for _, fault := range unproved(behaviour(t), testFunctions(t)) {
		t.Error(fault)
	}
}

// unproved returns a sentence for each rule that names no test, or one that does not exist. A rule nobody has tested yet says "planned".
func unproved(rules []rule, tests map[string]bool) []string {
	var faults []string
	for _, r := range rules {
		for _, name := range r.provedBy {
			function, _, _ := strings.Cut(name, "/")
			switch {
			case name == "planned" && len(r.provedBy) == 1:
			case !testName.MatchString(function):
				faults = append(faults, fmt.Sprintf("%s: rule %s: %q is neither a test name nor \"planned\"", r.where, r.id, name))
			case !tests[function]:
				faults = append(faults, fmt.Sprintf("%s: rule %s: there is no test %s", r.where, r.id, function))
			}
		}
	}
	return faults
}

func TestMutantUnknownIDsAreFound(t *testing.T) {
	source := `package p

// Follows LIFE-13 and (HTTP-4.4.3), see Q13. Not XHTTP-1, HTTP-, QoS 1, FAQ2, PRE-Q4, [MQTT-3.1.4-2] or Q1x.
var s = "CTRL-9 is text" /* MQTT-99.1. */ // Q7,Q8
`
	var got []string
	for _, id := range idsInComments(source) {
		got = append(got, fmt.Sprintf("%d:%s", id.line, id.text))
	}
	want := []string{"3:LIFE-13", "3:HTTP-4.4.3", "3:Q13", "4:MQTT-99.1", "4:Q7", "4:Q8"}
	if !slices.Equal(got, want) {
		t.Errorf("ids in comments: %q, want %q", got, want)
	}
}

func TestMutantRulesAreRead(t *testing.T) {
	text := "# Title\n\n## HTTP-4.4 Update\n\n| id | rule | evidence | proved by |\n|---|---|---|---|\n" +
		"| HTTP-4.4.1 | one \\| two | [M] | planned |\n| Q3 | q | c | [M] | TestA, `TestB/sub` |\n| Q4 | q | c | [M] | |\n"
	var got []string
	for _, r := range parseBehaviour("f.md", text) {
		got = append(got, fmt.Sprint(r.where, " ", r.id, " ", r.provedBy))
	}
	want := []string{"f.md:3 HTTP-4.4 []", "f.md:7 HTTP-4.4.1 [planned]", "f.md:8 Q3 [TestA TestB/sub]", "f.md:9 Q4 []"}
	if !slices.Equal(got, want) {
		t.Errorf("rules: %q, want %q", got, want)
	}

	faults := unproved(parseBehaviour("f.md", text), map[string]bool{"TestA": true})
	if got := strings.Join(faults, "\n"); len(faults) != 2 || !strings.Contains(got, "there is no test TestB") || !strings.Contains(got, `rule Q4: ""`) {
		t.Errorf("faults: %q, want TestB unknown and Q4 empty", faults)
	}
}

// idInFile is a rule id and the line it stands on.
type idInFile struct {
	text string
	line int
}

// idsInComments returns the rule ids in the comments of a Go file; it reads tokens, so a file need not compile.
func idsInComments(source string) []idInFile {
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), func(token.Position, string) {}, scanner.ScanComments)
	var ids []idInFile
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return ids
		}
		if tok != token.COMMENT {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			for _, id := range idsIn(line) {
				ids = append(ids, idInFile{id, file.Line(pos) + i})
			}
		}
	}
}

func idsIn(text string) []string {
	var ids []string
	for len(text) > 0 {
		m := idInText.FindStringSubmatchIndex(text)
		if m == nil {
			break
		}
		if m[6] < 0 {
			ids = append(ids, text[m[4]:m[5]])
		}
		text = text[m[5]:] // Before the character that follows, which may be the border of the next id.
	}
	return ids
}

func behaviour(t *testing.T) []rule {
	t.Helper()
	var rules []rule
	texts := behaviourFiles(t)
	for _, path := range slices.Sorted(maps.Keys(texts)) {
		rules = append(rules, parseBehaviour(path, texts[path])...)
	}
	if len(rules) == 0 {
		t.Fatal("docs/behaviour has no rules")
	}
	return rules
}

func parseBehaviour(path, text string) []rule {
	var rules []rule
	for i, line := range strings.Split(text, "\n") {
		where := fmt.Sprintf("%s:%d", path, i+1)
		if m := section.FindStringSubmatch(line); m != nil {
			rules = append(rules, rule{id: m[1], where: where})
			continue
		}
		cells := tableCells(line)
		if len(cells) < 4 || !idAlone.MatchString(cells[0]) {
			continue
		}
		r := rule{id: cells[0], where: where}
		for name := range strings.SplitSeq(cells[len(cells)-1], ",") {
			r.provedBy = append(r.provedBy, strings.Trim(name, " `"))
		}
		rules = append(rules, r)
	}
	return rules
}

// tableCells returns the cells of a Markdown table row without the outer borders; \| is a bar inside a cell.
func tableCells(line string) []string {
	line, ok := strings.CutPrefix(strings.TrimSpace(line), "|")
	if !ok {
		return nil
	}
	var cells []string
	for {
		border := cellBorder.FindStringIndex(line)
		if border == nil {
			return cells
		}
		cells = append(cells, strings.TrimSpace(line[:border[1]-1]))
		line = line[border[1]:]
	}
}

func behaviourFiles(t *testing.T) map[string]string {
	t.Helper()
	return filesIn(t, "docs/behaviour", ".md")
}

func goFiles(t *testing.T) map[string]string {
	t.Helper()
	return filesIn(t, ".", ".go")
}

// filesIn returns the texts of the files below dir with that suffix, by their path from the root.
// It leaves out what git ignores: hidden directories, npm packages and the state directory.
func filesIn(t *testing.T, dir, suffix string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == "node_modules" || name == "iotjobs-data" || len(name) > 2 && name[0] == '.' {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, suffix) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		texts[filepath.ToSlash(relative)] = string(text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}
