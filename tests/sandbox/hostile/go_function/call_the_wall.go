// Calls the code that reports a verdict.
//
// layer: two processes
// allowed: early_exit, protocol
// twin: none: there is no wall outside

package main

import (
	"wall"
)

func F(x int) int { wall.Leave(true); return 0 }
