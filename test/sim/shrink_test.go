package sim

import (
	"context"
	"log/slog"
	"slices"
)

// shrinkTries bounds how often a world is played to make it smaller.
const shrinkTries = 300

// shrink leaves out steps, first many at once, as long as the world still fails.
func (p *play) shrink(ctx context.Context) {
	tries := 0
	fails := func(kept []int) bool {
		if tries == shrinkTries {
			return false
		}
		tries++
		q := play{seed: p.seed, kept: kept, fault: p.fault, sites: p.sites}
		return q.run(ctx, slog.New(slog.DiscardHandler)) != nil
	}
	for size := len(p.kept) / 2; size > 0; size /= 2 {
		for from := 0; from < len(p.kept); {
			without := slices.Delete(slices.Clone(p.kept), from, min(from+size, len(p.kept)))
			if fails(without) {
				p.kept = without
			} else {
				from += size
			}
		}
	}
}
