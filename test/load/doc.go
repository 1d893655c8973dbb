// Package load measures the product against its goals and against what the machine could do at best. It is benchmarks only: `make bench` runs
// them and prints one table; docs/performance.md tells what the lines mean.
//
// All goals are ratios against something simpler that is measured in the same run, in turns with the product: absolute numbers say more about
// a machine than about a program. The product is the real binary in a process of its own; the baselines are this test binary, started again; the
// load comes from a third process, so that each has the same share of the machine.
//
// What devices manage while a job is released is compared with what they manage without, in turns too: the fleet is released in parts, and before and
// after each of them the devices work alone. One release to all things between two idle times compared with caches that it had filled itself: devices
// were a fifth faster after it than before. The time alone is long enough for the compactions of what devices write themselves, of which a window of a
// few seconds sees none.
package load
