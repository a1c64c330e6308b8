// Recovers the panics of others.
//
// layer: two processes
// allowed: failed
// twin: none: a deferred call sees its own goroutine

package main

func F(x int) int { defer func() { recover() }(); return 0 }
