// Waits for nobody.
//
// layer: limit of wall time
// allowed: early_exit, timeout
// twin: none: it would not end
// wall: 3

package main

func F(x int) int { return <-make(chan int) }
