package sim

import "slices"

// tolerated are defects of the service that were found here, and that the model follows until they are mended. Then each is one word to change.
var tolerated = struct {
	// retriesKept: a thing that joins or leaves while its execution goes on keeps the retries that it has used, against LIFE-3.10.
	retriesKept bool
	// namesakes: a thing that was made again under the name of a target counts as that target when it leaves a group or fails.
	namesakes bool
}{}

// keeps tells whether a thing keeps what a job has queued for it, and is tried again.
func (m *model) keeps(j *modelJob, t *modelThing) bool {
	return m.holds(j, t) || tolerated.namesakes && slices.Contains(j.targetNames, t.name)
}
