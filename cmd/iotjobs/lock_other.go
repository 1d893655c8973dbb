//go:build !unix

package main

import "os"

// lockFile cannot lock here: it is up to the operator that no two servers use one directory.
func lockFile(*os.File) error { return nil }
