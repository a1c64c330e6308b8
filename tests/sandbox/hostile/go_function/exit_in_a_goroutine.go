// Leaves while the test looks at its answer.
//
// layer: two processes
// allowed: early_exit, failed
// twin: none: outside the test is quicker now and then

package main

import (
	"os"
)

func F(x int) int { go os.Exit(0); return 0 }
