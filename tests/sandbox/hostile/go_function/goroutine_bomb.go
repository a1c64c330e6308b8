// Goroutines without end.
//
// layer: limit of CPU time
// allowed: cpu_timeout, timeout, memory, early_exit, crash
// twin: none: it would fill the machine
// slow: yes

package main

func F(x int) int { for { go func() { select {} }() } }
