//go:build !linux

package main

// wakeSeldom has no means here.
func wakeSeldom() {}
