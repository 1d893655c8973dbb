package load

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"iotjobs/internal/store/postgres"
	"iotjobs/internal/store/postgres/pgtest"
)

// nodeCount is how many nodes are compared with one.
const nodeCount = 3

// siteRounds is how many times as often as elsewhere they take turns: on a shared machine one turn differs from the next by far more than three nodes
// from one.
const siteRounds = 8

// BenchmarkNodes compares three nodes with one: reports of devices, spread evenly over the nodes. Each site has a store of its own, of the same
// size, in the same database server, and they take turns. What a second site of one node measures against the first one is chance.
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
		sites := []*site{newSite(b, cluster, nodeCount), newSite(b, cluster, 1), newSite(b, cluster, 1)}
		for _, connections := range []int{64, 256} {
			compareSites(b, sites, connections)
		}
		for _, s := range sites {
			stopAll(b, s.nodes...)
		}
	}
}

// compareSites lets the sites, which are three nodes, one, and another one in this order, take turns and adds a line to the table for each comparison.
func compareSites(b *testing.B, sites []*site, connections int) {
	b.Helper()
	say("%d devices report to three nodes and to one", connections)
	for _, s := range sites {
		s.open(b, connections)
		s.turn(b) // pools and caches fill; it counts nowhere
		s.reports, s.database = nil, nil
	}
	order := slices.Clone(sites)
	for range siteRounds * *rounds {
		for _, s := range order {
			s.turn(b)
		}
		slices.Reverse(order) // whoever comes after another one's turn is to have no advantage
	}
	for _, s := range sites {
		s.close(b)
	}
	three, one, other := sites[0], sites[1], sites[2]
	compare := func(what string, limit bar, many *site) {
		low, high := many.reports.spread(one.reports, sample.rate)
		results.add(b, row{
			what: fmt.Sprintf("%s, %d connections: rate of one", what, connections), bar: limit, measured: many.reports.against(one.reports, sample.rate),
			detail: fmt.Sprintf("half of the turns %.2f to %.2f; %s of %s/s; p50 %s of %s, p99 %s of %s; processor %s of %s, database %s of %s", low, high,
				thousands(many.reports.median(sample.rate)), thousands(one.reports.median(sample.rate)),
				many.reports.wait(sample.p50), one.reports.wait(sample.p50), many.reports.wait(sample.p99), one.reports.wait(sample.p99),
				many.reports.wait(sample.each), one.reports.wait(sample.each), many.database.wait(sample.each), one.database.wait(sample.each)),
		})
	}
	compare("three nodes", atLeast(1), three)
	compare("another one", bar{}, other)
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
