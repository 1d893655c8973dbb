package cluster

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"iotjobs/internal/seal"
	"iotjobs/internal/store/postgres/pgtest"
	"iotjobs/test/process"
)

// TestFirstStartOfTwoNodes: both find an empty database at once. There is one CA, one administrator's key and one truth afterwards.
func TestFirstStartOfTwoNodes(t *testing.T) {
	h := newHouse(t)
	url := pgtest.NewURL(t)
	nodes := []*node{h.newNode("a", url), h.newNode("b", url)}
	for _, n := range nodes {
		h.must(n.Launch())
	}
	var keys int
	var cas [][]byte
	for _, n := range nodes {
		h.must(n.AwaitReady(t.Context()))
		ca, err := os.ReadFile(filepath.Join(n.Dir, "tls", "ca.pem"))
		h.must(err)
		cas = append(cas, ca)
		if _, err := os.Stat(filepath.Join(n.Dir, "aws", "credentials")); err == nil {
			keys++
		} else if !errors.Is(err, os.ErrNotExist) {
			t.Error(err)
		}
	}
	if !bytes.Equal(cas[0], cas[1]) {
		t.Error("two nodes have two CAs")
	}
	if keys != 1 {
		t.Errorf("%d nodes have an administrator's key, want 1", keys)
	}
	list, err := nodes[1].operator(t.Context(), "keys", "list")
	h.must(err)
	if n := strings.Count(list, "AKIA"); n != 1 {
		t.Errorf("%d keys, want 1:\n%s", n, list)
	}
}

// TestRevocationReachesOtherNodes within a second, and at once where it was done.
func TestRevocationReachesOtherNodes(t *testing.T) {
	h := newHouse(t)
	url := pgtest.NewURL(t)
	a, b := h.newNode("a", url), h.newNode("b", url)
	h.must(a.Start(t.Context()))
	h.must(b.Start(t.Context()))
	client, err := newAPI(a.Dir)
	h.must(err)
	status := func(n *node) int {
		err := client.call(t.Context(), n.Endpoint(), control, http.MethodGet, "/things", nil, nil)
		if r, ok := errors.AsType[*process.Refusal](err); ok {
			return r.Status
		}
		h.must(err)
		return http.StatusOK
	}
	if status(a) != http.StatusOK || status(b) != http.StatusOK {
		t.Fatal("the key is not known on both nodes")
	}
	_, err = a.operator(t.Context(), "keys", "revoke", client.Key.AccessKeyID)
	h.must(err)
	revoked := time.Now()
	if got := status(a); got != http.StatusForbidden {
		t.Errorf("the node that revoked the key answers %d", got)
	}
	h.must(process.Eventually(t.Context(), "the other node refuses the key", func() bool { return status(b) == http.StatusForbidden }))
	t.Logf("refused everywhere %s after the answer", time.Since(revoked).Round(time.Millisecond)) // the bound is proven on a fake clock: internal/nodes
}

// TestWrongKeyFileIsRefused: a node that cannot open the secrets does not start, and says why.
func TestWrongKeyFileIsRefused(t *testing.T) {
	h := newHouse(t)
	url := pgtest.NewURL(t)
	a := h.newNode("a", url)
	h.must(a.Start(t.Context()))
	for name, test := range map[string]struct {
		make bool
		says string
	}{"missing": {false, "all nodes of a store need the same key file"}, "another": {true, "does not open the secrets of the store; all nodes of a store need the same key file"}} {
		n := h.newNodeWithKey(name, url, filepath.Join(h.dir, name+".key"))
		if test.make {
			_, err := seal.OpenKeyFile(n.key)
			h.must(err)
		}
		h.must(n.Launch())
		h.must(n.AwaitEnd(t.Context()))
		if got := n.Log(); !strings.Contains(got, test.says) {
			t.Errorf("%s key file: the server said %q, want %q", name, got, test.says)
		}
	}
	// A second server in the directory of the first one.
	second := h.newNode("a", url)
	h.must(second.Launch())
	h.must(second.AwaitEnd(t.Context()))
	if got := second.Log(); !strings.Contains(got, "another server uses the data directory") {
		t.Errorf("a second server in the same directory said %q", got)
	}
}

// TestVirtualClockHasOneNode: time that is moved by hand is one process's.
func TestVirtualClockHasOneNode(t *testing.T) {
	h := newHouse(t)
	url := pgtest.NewURL(t)
	a, b := h.newNode("a", url, "--clock", "virtual"), h.newNode("b", url, "--clock", "virtual")
	h.must(a.Start(t.Context()))
	h.must(b.Launch())
	h.must(b.AwaitEnd(t.Context()))
	if got := b.Log(); !strings.Contains(got, "such a store has one node") {
		t.Errorf("a second node with a virtual clock said %q", got)
	}
	h.must(a.Kill())
	h.must(b.Start(t.Context())) // when the lease has ended
}
