package load

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

// nodeCount is how many nodes are compared with one.
const nodeCount = 3

// BenchmarkNodes compares three nodes with one: reports of devices, spread evenly over the nodes. Both have a store of their own, of the same size,
// in the same database server, and take turns.
func BenchmarkNodes(b *testing.B) {
	for b.Loop() {
		cluster, err := pgtest.Start(b.Context(), pgtest.Options{
			Parent: *dataParent, Settings: map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB"},
		})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := cluster.Close(); err != nil {
				b.Error(err)
			}
		})
		one, three := newSite(b, cluster, 1), newSite(b, cluster, nodeCount)
		for _, connections := range []int{64, 256} {
			compareSites(b, three, one, connections)
		}
		stopAll(b, one.nodes...)
		stopAll(b, three.nodes...)
	}
}

// compareSites lets the sites take turns and adds a line to the table.
func compareSites(b *testing.B, three, one *site, connections int) {
	b.Helper()
	say("%d devices report to three nodes and to one", connections)
	sites := []*site{three, one}
	for _, s := range sites {
		s.open(b, connections)
		s.turn(b) // pools and caches fill; it counts nowhere
		s.reports, s.database = nil, nil
	}
	for range *rounds {
		for _, s := range sites {
			s.turn(b)
		}
	}
	for _, s := range sites {
		s.close(b)
	}
	many, alone := three.reports, one.reports
	results.add(b, row{
		what: fmt.Sprintf("three nodes, %d connections: rate of one", connections), bar: atLeast(1), measured: many.against(alone, sample.rate),
		detail: fmt.Sprintf("%s of %s/s; p50 %s of %s, p99 %s of %s; processor %s of %s, database %s of %s", thousands(many.median(sample.rate)),
			thousands(alone.median(sample.rate)), many.wait(sample.p50), alone.wait(sample.p50), many.wait(sample.p99), alone.wait(sample.p99),
			many.wait(sample.each), alone.wait(sample.each), three.database.wait(sample.each), one.database.wait(sample.each)),
	})
}

// site is nodes that share a store.
type site struct {
	cluster *pgtest.Cluster
	nodes   []*server
	devices clients

	reports  turns // with the processor time of all nodes
	database turns // the same with that of the database
}

// newSite has a store in which every thing has an execution of the job.
func newSite(b *testing.B, cluster *pgtest.Cluster, count int) *site {
	b.Helper()
	s, url := &site{cluster: cluster}, cluster.NewURL()
	say("importing %s things for %d nodes", grouped(*shared), count)
	if err := importShared(b.Context(), url, *shared); err != nil {
		b.Fatal(err)
	}
	key := ""
	for range count {
		dir, err := newDirectory()
		if err != nil {
			b.Fatal(err)
		}
		if key == "" {
			key = filepath.Join(dir, "key")
		}
		// Nobody must be told that a node stops.
		node, err := startProduct(dir, "--store", url, "--key-file", key, "--drain-delay", "1ms")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { stopAll(b, node) })
		s.nodes = append(s.nodes, node)
	}
	o := operator{s.nodes[0], *shared}
	_, err := o.createJob(workJob)
	if err == nil {
		_, err = o.released(workJob, time.Hour)
	}
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func importShared(ctx context.Context, url string, count int) (err error) {
	engine, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	return importInto(ctx, engine, count)
}

// open connects devices to the nodes in turn.
func (s *site) open(b *testing.B, connections int) {
	b.Helper()
	for i := range connections {
		node := s.nodes[i%len(s.nodes)]
		c, err := dial(node.address, s.nodes[0].key, uint64(i+1)) // the first one in a store makes the access key
		if err != nil {
			b.Fatal(err)
		}
		s.devices = append(s.devices, c)
	}
}

// turn lets all devices report for a while.
func (s *site) turn(b *testing.B) {
	b.Helper()
	nodes, database := s.processor(), familyProcessor(s.cluster.PID())
	turn, err := s.devices.run(*roundTime, update.work(*shared, workJob))
	if err != nil {
		b.Fatal(err)
	}
	turn.processor = s.processor() - nodes
	s.reports = append(s.reports, turn)
	turn.processor = familyProcessor(s.cluster.PID()) - database
	s.database = append(s.database, turn)
}

func (s *site) processor() (sum time.Duration) {
	for _, node := range s.nodes {
		sum += node.processor()
	}
	return sum
}

func (s *site) close(b *testing.B) {
	b.Helper()
	if err := s.devices.close(); err != nil {
		b.Error(err)
	}
	s.devices = nil
}
