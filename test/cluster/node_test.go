package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"iotjobs/internal/freeport"
	"iotjobs/test/process"
)

// node is one server of several on a database. It is started again and again on the same ports.
type node struct {
	*process.Server

	key, store string
}

// newNode has a directory of its own, and the key file of the house. It is not started.
func (h *house) newNode(name, store string, flags ...string) *node {
	h.t.Helper()
	return h.newNodeWithKey(name, store, filepath.Join(h.dir, "key"), flags...)
}

func (h *house) newNodeWithKey(name, store, key string, flags ...string) *node {
	h.t.Helper()
	n := &node{&process.Server{Binary: binary, Dir: filepath.Join(h.dir, name)}, key, store}
	n.Flags = append([]string{"--store", store, "--key-file", key, "--http", h.address(), "--https", "off", "--admin", h.address(), "--drain-delay", "1s"}, flags...)
	h.t.Cleanup(func() {
		if err := n.Kill(); err != nil {
			h.t.Error(err)
		}
		if h.t.Failed() {
			h.t.Logf("the end of what node %s logged:\n%s", name, n.Log())
		}
	})
	return n
}

// address is one that only a server gets which is told to listen there.
func (h *house) address() string {
	h.t.Helper()
	port, release, err := freeport.Keep()
	h.must(err)
	h.t.Cleanup(release)
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// operator runs a command of the operator on the node, running or stopped.
func (n *node) operator(ctx context.Context, arguments ...string) (string, error) {
	return n.Operator(ctx, append(arguments, "--data", n.Dir, "--store", n.store, "--key-file", n.key)...)
}

// check lets the running node check the store, checkDatabase a command that opens the database itself.
func (n *node) check(ctx context.Context) error {
	_, err := n.Operator(ctx, "store", "check", "--data", n.Dir)
	return err
}

func (n *node) checkDatabase(ctx context.Context) error {
	_, err := n.Operator(ctx, "store", "check", "--store", n.store)
	return err
}

// house is where the nodes of a test live.
type house struct {
	t   *testing.T
	dir string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster-") //nolint:usetesting // the path of t.TempDir is so long that too little is left for that of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return &house{t, dir}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}
