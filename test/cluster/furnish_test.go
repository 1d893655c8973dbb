package cluster

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// furnish imports groups of things, as an operator does, on a node.
func (h *house) furnish(l *load, n *node, groups map[string]int) map[string][]string {
	h.t.Helper()
	things := map[string][]string{}
	var lines strings.Builder
	for group, size := range groups {
		h.must(l.api.call(h.t.Context(), n.Endpoint(), control, http.MethodPost, "/thing-groups/"+group, struct{}{}, nil))
		for i := range size {
			name := fmt.Sprintf("%s-%04d", group, i)
			things[group] = append(things[group], name)
			fmt.Fprintf(&lines, `{"thingName":%q,"thingGroupNames":[%q]}`+"\n", name, group)
		}
	}
	file := filepath.Join(h.dir, "things.jsonl")
	h.must(os.WriteFile(file, []byte(lines.String()), 0o600))
	_, err := n.operator(h.t.Context(), "things", "import", file)
	h.must(err)
	return things
}
