// Never ends.
//
// layer: limit of CPU time
// allowed: cpu_timeout, timeout
// twin: none: it would not end

package main

func F(x int) int { for { x++ } }
