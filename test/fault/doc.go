// Package fault kills the real server, fills its disk and fails its syncs while clients write, and then looks for what was acknowledged: every
// write must be there, and none twice.
//
// A killed process leaves its writes in the kernel's page cache. So a server that writes and does not sync passes here; the store's own tests
// catch it, on a file system that forgets what was not synced.
package fault
