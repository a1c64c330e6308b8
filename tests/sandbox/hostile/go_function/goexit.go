// Ends the goroutine of the caller.
//
// layer: two processes
// allowed: early_exit, runtime_error, crash, timeout
// twin: none: outside the runtime ends with an error

package main

import (
	"runtime"
)

func F(x int) int { runtime.Goexit(); return 0 }
