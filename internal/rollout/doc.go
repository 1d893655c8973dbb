// Package rollout decides what a job does next, and when: how many things are notified in a minute, when failures abort the job, whether
// a failed execution is tried again, when the job starts and ends, and when its maintenance windows are open.
//
// Everything here is a pure function of the job, its counters and the time. Nothing is read or written, no clock is looked at, and
// chance plays no part, so the same functions run the job, explain why it waits and plan one that does not exist yet.
//
// Decide is the entrance of a job's step. Timers are rules of one execution and live in package jobs.
package rollout
