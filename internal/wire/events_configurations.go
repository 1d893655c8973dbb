package wire

import (
	"maps"
	"slices"
	"time"

	"iotjobs/internal/jobs"
)

// EventConfigurationsReply answers DescribeEventConfigurations (CTRL-2.3.5).
type EventConfigurationsReply struct {
	EventConfigurations map[jobs.EventType]eventConfiguration `json:"eventConfigurations"`
	CreationDate        Timestamp                             `json:"creationDate"`
	LastModifiedDate    Timestamp                             `json:"lastModifiedDate"`
}

// eventConfiguration has AWS's only member that begins with a capital letter.
type eventConfiguration struct {
	Enabled bool `json:"Enabled"`
}

// EventConfigurations renders all types; those that are not in enabled are off.
func EventConfigurations(enabled map[jobs.EventType]bool, created, lastModified time.Time) EventConfigurationsReply {
	reply := EventConfigurationsReply{
		EventConfigurations: map[jobs.EventType]eventConfiguration{},
		CreationDate:        Timestamp(created), LastModifiedDate: Timestamp(lastModified),
	}
	for _, eventType := range jobs.EventTypes() {
		reply.EventConfigurations[eventType] = eventConfiguration{enabled[eventType]}
	}
	return reply
}

// EventConfigurations reads the body of UpdateEventConfigurations: the types that are named, and whether they are to be on (CTRL-2.3.4).
func (r *Reader) EventConfigurations() map[jobs.EventType]bool {
	enabled := map[jobs.EventType]bool{}
	configurations := r.Object("eventConfigurations")
	if configurations == nil {
		return enabled
	}
	known := OneOf(jobs.EventTypes()...)
	for _, name := range slices.Sorted(maps.Keys(configurations.members)) {
		if !known.ok(name) {
			r.Add(Quote(name), r.At("eventConfigurations"), "Map keys must satisfy constraint: ["+known.text+"]")
			continue
		}
		if one := configurations.Object(name); one != nil {
			one.path = r.At("eventConfigurations") + "." + name + ".member" // At would take the type for the name of a member
			enabled[jobs.EventType(name)] = one.Bool("Enabled")
		}
	}
	return enabled
}
