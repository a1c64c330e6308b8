// Reads a file of the machine.
//
// layer: mount namespace
// allowed: runtime_error
// twin: itself

package main

import (
	"os"
)

func F(x int) int { if _, err := os.ReadFile("/etc/passwd"); err != nil { panic(err) }; return 9 }
