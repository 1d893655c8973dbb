package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"iotjobs/internal/jobs"
	"iotjobs/internal/registry"
)

// group is a transaction of device calls.
type group struct {
	commands []*command
	// wait makes it wait for locked things, up to lockTimeout; otherwise it leaves them out.
	wait bool
	// Things that are left out, because somebody else has locked them.
	locked map[registry.ThingName]struct{}
	work   *work
	dirty  map[registry.ThingName]struct{} // things that a command has changed
	row    thingOrJob                      // the one being read
	took   time.Duration                   // until it was committed; 0 if it was not
}

// lockTimeout is how long a group waits for the things that somebody else has locked, before it is tried without them.
const lockTimeout = "set local lock_timeout = '1s'"

// runGroup serves the commands in one transaction; their answers are in err of each afterwards. An error means that nothing has changed, and that all of
// them may be served again; but ErrUnknown.
func (s *Store) runGroup(commands []*command, wait bool, stripe int16) (g *group, err error) {
	g = &group{commands: commands, wait: wait, locked: map[registry.ThingName]struct{}{}, dirty: map[registry.ThingName]struct{}{}}
	begun := now()
	ctx := context.Background()
	session, err := begin(ctx, s.writes, beginWrite)
	if err != nil {
		return g, err
	}
	defer session.end()
	g.work = newWork(ctx, session, s.configs, stripe)
	g.work.unlocked = s.unlocked
	if err := g.load(); err != nil {
		return g, err
	}
	if err := g.decide(); err != nil {
		return g, err
	}
	if !g.work.changesAnything() {
		return g, nil
	}
	if err := g.work.finish(); err != nil {
		return g, err
	}
	if err := session.commit(); err != nil {
		return g, err
	}
	g.took = now().Sub(begun)
	return g, nil
}

// load locks the things and reads all that the functions may need, in one trip.
func (g *group) load() error {
	w := g.work
	var names []registry.ThingName
	var addrs []address
	seen := map[registry.ThingName]struct{}{}
	asked := map[address]struct{}{}
	for _, cmd := range g.commands {
		if _, again := seen[cmd.name]; !again {
			seen[cmd.name] = struct{}{}
			names = append(names, cmd.name)
		}
		for _, a := range cmd.addrs {
			at := address{cmd.name, a}
			if _, again := asked[at]; !again {
				asked[at] = struct{}{}
				addrs = append(addrs, at)
			}
		}
	}
	if g.wait {
		w.batch.Queue(lockTimeout)
	}
	g.queueLocked(names, idsOf(addrs))
	if err := w.send(w.ctx); err != nil {
		return err
	}
	if err := g.lockNewJobs(); err != nil {
		return err
	}
	if err := g.learn(addrs...); err != nil {
		return err
	}
	if err := fillConfigs(w.ctx, w.session, w.configs, nil, values(w.jobs)...); err != nil {
		return err
	}
	return g.findLocked()
}

// findLocked finds the things that are locked. One that was not found may not exist either: whether it does is asked for a command that was left out
// before.
func (g *group) findLocked() error {
	if g.wait {
		return nil
	}
	var asked []registry.ThingName
	for _, cmd := range g.commands {
		switch {
		case g.work.things[cmd.name] != nil:
		case cmd.skipped:
			asked = append(asked, cmd.name)
		default:
			g.locked[cmd.name] = struct{}{}
		}
	}
	if len(asked) == 0 {
		return nil
	}
	for _, name := range asked {
		delete(g.locked, name)
	}
	g.work.query(func(rows pgx.Rows) error {
		var name string
		err := rows.Scan(&name)
		g.locked[registry.ThingName(name)] = struct{}{}
		return err
	}, `SELECT name FROM thing WHERE name = ANY($1)`, texts(asked))
	return g.work.send(g.work.ctx)
}

// decide runs the functions, each on the result of the one before it. A function may end the goroutine that runs it: then another one goes on with
// the rest.
func (g *group) decide() (failed error) {
	for next := 0; next < len(g.commands); {
		over := make(chan struct{})
		returned := false
		go func() {
			defer close(over)
			for ; next < len(g.commands); next++ {
				if failed = g.serve(g.commands[next]); failed != nil {
					break
				}
			}
			returned = true
		}()
		<-over
		if returned {
			return failed
		}
		g.commands[next].err = errEnded
		next++
	}
	return nil
}

// serve runs one command. Its own failure goes into its err; an error is one of the transaction.
func (g *group) serve(cmd *command) error {
	cmd.err, cmd.wrote = nil, false
	if _, locked := g.locked[cmd.name]; locked {
		return nil
	}
	_, cmd.dirty = g.dirty[cmd.name]
	state := g.work.things[cmd.name]
	if state == nil {
		state = newThingState() // there is none
	}
	if cmd.dirty {
		if err := g.learn(addressesOf(cmd.name, cmd.addrs)...); err != nil {
			return err
		}
	}
	change, ok := cmd.decide(state.view(cmd.addrs, g.work.jobs, g.work.ids))
	switch {
	case !ok:
		return nil
	case state.thing == nil:
		cmd.err = fmt.Errorf("change thing %s: there is none", cmd.name)
		return nil
	}
	cmd.err = g.work.change(state.thing.Key(), change)
	if cmd.err != nil && g.work.dead() {
		return cmd.err
	}
	if cmd.err == nil {
		cmd.wrote = true
		g.dirty[cmd.name] = struct{}{}
	}
	return nil
}

// learn reads what the addresses name, as far as it is not known: mostly it is, because the row of a thing tells all of its pending executions. A
// command may make unknown what the next one asks for.
func (g *group) learn(addrs ...address) error {
	var missing []address
	for _, a := range addrs {
		state, job := g.work.things[a.thing], g.work.ids[a.Job]
		if state != nil && job != nil && !state.knows(job.Number, a.Number) {
			missing = append(missing, a)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := g.work.flush(); err != nil {
		return err
	}
	queueAddressed(g.work.session, missing, g.work.things)
	return g.work.send(g.work.ctx)
}

// unknown makes the answer of every command that has, or has seen, a change of the group the one that its outcome is not known.
func (g *group) unknown(err error) {
	for _, cmd := range g.commands {
		if cmd.wrote || cmd.dirty {
			cmd.err = err
		}
	}
}

func values(m map[jobs.JobNumber]*jobs.Job) []*jobs.Job {
	list := make([]*jobs.Job, 0, len(m))
	for _, job := range m {
		list = append(list, job)
	}
	return list
}
