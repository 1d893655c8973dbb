// Package freeport finds ports for the servers of tests that are started later, and maybe again and again, where their clients know them. It serves only tests.
package freeport

// Keep finds a free TCP port on 127.0.0.1, and keeps the system from giving it to anybody who asks for some free port, until release is called. A server that
// asks for this very port gets it, also more than once.
//
// The simple way, to listen and to close again, leaves the port to others until the server listens: somebody else among the tests that run at the same time
// gets it now and then, all the more where a server takes seconds to start.
func Keep() (port int, release func(), err error) { return keep() }
