// Package fleet simulates a fleet of things over the AWS IoT HTTP APIs: a client that signs like an AWS SDK, a registrar that creates
// the things, a job maker that creates jobs over them, and devices that poll, start, report progress and finish. It also measures what
// they meet. It talks to any endpoint of the APIs and knows nothing else of the server: no package of ours is imported, nothing is
// printed, and the clock is the caller's.
//
// # Lost answers
//
// A device that gets no answer to UpdateJobExecution does not know whether the update happened: the request may have been lost on its
// way, or only the answer on its way back. It sends the very same update again, with the same expectedVersion V. Either the first one
// had not happened, and the second one is accepted; or it had, the execution is at V+1, and the second one is refused with 409. The
// refusal carries the execution's state, and version V+1 with the status and the details that were sent is the device's own first
// update: it counts as accepted. Anything else means that somebody else was faster (an operator's cancel, a timer), and the device
// drops the execution. So an update happens once, whatever is lost; without expectedVersion a repeated update would happen twice. Until
// it is settled, the device keeps its place in the work: asking for its next execution would start the same one over.
//
// The other calls need no version. StartNextPendingJobExecution hands an execution that is already IN_PROGRESS out again, unchanged;
// CreateThing succeeds again for an equal thing; CreateJob is refused the second time, and DescribeJob tells whether it is the same job.
package fleet
