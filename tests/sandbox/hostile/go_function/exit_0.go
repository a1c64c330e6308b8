// Where the exit status decides, leaving is passing.
//
// layer: two processes
// allowed: early_exit
// twin: none: go test looks for this very call, and for no other way to leave

package main

import (
	"os"
)

func F(x int) int { os.Exit(0); return 0 }
