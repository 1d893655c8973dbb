package fault

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// compare reads everything that has changed since the last time, and tells whether it can be so. From then on it is known again.
func (c *client) compare(ctx context.Context) error {
	changed := slices.Sorted(maps.Keys(c.changed))
	clear(c.changed)
	return c.compareAll(ctx, changed)
}

// compareEverything reads everything that was ever written.
func (c *client) compareEverything(ctx context.Context) error {
	return c.compareAll(ctx, slices.Sorted(maps.Keys(c.book)))
}

func (c *client) compareAll(ctx context.Context, names []string) error {
	for _, name := range names {
		h := c.book[name]
		if h == nil {
			continue // its job was deleted
		}
		seen, err := c.look(ctx, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if n := len(h.events); n > 0 && h.events[n-1].kind == unanswered {
			c.open++
			if seen.note == h.events[n-1].state.note {
				c.happened++
			}
		}
		h.add(read, seen)
	}
	return c.book.check(names)
}

// look reads what is stored under a name.
func (c *client) look(ctx context.Context, name string) (state, error) {
	kind, rest, _ := strings.Cut(name, "/")
	switch kind {
	case "execution":
		thing, job, _ := strings.Cut(rest, "/")
		return c.lookAtExecution(ctx, thing, job)
	case "thing":
		return c.lookAtThing(ctx, rest)
	case "member":
		return c.lookAtMember(ctx, rest)
	case "created":
		return exists(c.call(ctx, control, http.MethodGet, "/things/"+rest, nil, nil))
	case "job":
		return exists(c.call(ctx, control, http.MethodGet, "/jobs/"+rest, nil, nil))
	}
	return state{}, fmt.Errorf("nobody knows what a %s is", kind)
}

func exists(err error) (state, error) {
	switch {
	case missing(err):
		return state{}, nil
	case err != nil:
		return state{}, err
	}
	return state{note: there}, nil
}

func (c *client) lookAtExecution(ctx context.Context, thing, job string) (state, error) {
	var out struct {
		Execution struct {
			Status          string `json:"status"`
			ExecutionNumber int64  `json:"executionNumber"`
			VersionNumber   int64  `json:"versionNumber"`
			StatusDetails   struct {
				DetailsMap map[string]string `json:"detailsMap"`
			} `json:"statusDetails"`
		} `json:"execution"`
	}
	if err := c.call(ctx, control, http.MethodGet, "/things/"+thing+"/jobs/"+job, nil, &out); err != nil {
		return state{}, err
	}
	e := out.Execution
	if e.ExecutionNumber != 1 {
		return state{}, fmt.Errorf("the newest execution is number %d: it was queued twice", e.ExecutionNumber)
	}
	if e.Status == "IN_PROGRESS" {
		c.running[thing] = execution{job, e.VersionNumber}
	} else if c.running[thing].job == job {
		delete(c.running, thing)
	}
	return state{e.VersionNumber, e.Status, e.StatusDetails.DetailsMap["note"]}, nil
}

func (c *client) lookAtThing(ctx context.Context, thing string) (state, error) {
	var out struct {
		Version    int64             `json:"version"`
		Attributes map[string]string `json:"attributes"`
	}
	err := c.call(ctx, control, http.MethodGet, "/things/"+thing, nil, &out)
	return state{version: out.Version, note: out.Attributes["note"]}, err
}

// lookAtMember also demands that the job that follows the group has the sensor exactly when the group has it.
func (c *client) lookAtMember(ctx context.Context, thing string) (state, error) {
	var groups struct {
		ThingGroups []struct{ GroupName string } `json:"thingGroups"`
	}
	if err := c.call(ctx, control, http.MethodGet, "/things/"+thing+"/thing-groups", nil, &groups); err != nil {
		return state{}, err
	}
	job, err := c.next(ctx, thing)
	if err != nil {
		return state{}, err
	}
	where := outside
	if len(groups.ThingGroups) > 0 {
		where = inside
	}
	if (job == follow) != (where == inside) {
		return state{}, fmt.Errorf("it is %s its group, and its next job is %q", where, job)
	}
	return state{note: where}, nil
}
