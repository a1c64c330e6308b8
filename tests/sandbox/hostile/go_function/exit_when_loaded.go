// Leaves before main begins.
//
// layer: two processes
// allowed: early_exit
// twin: itself

package main

import (
	"os"
)

func init() { os.Exit(0) }

func F(x int) int { return 0 }
