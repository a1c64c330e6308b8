// No attack: what an honest function looks like.
//
// layer: none
// allowed: passed
// twin: itself

package main

func F(x int) int { return x * x }
