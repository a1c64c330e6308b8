// Starts a program.
//
// layer: system calls
// allowed: runtime_error
// twin: itself

package main

import (
	"os/exec"
)

func F(x int) int { if err := exec.Command("/bin/true").Run(); err != nil { panic(err) }; return 9 }
