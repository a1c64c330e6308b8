// Calls itself without end.
//
// layer: limit of the stack
// allowed: early_exit, memory, crash, cpu_timeout
// twin: none: it crashes with or without walls

package main

func F(x int) int { return F(x+1) + 1 }
