// No attack: a function with a mistake.
//
// layer: none
// allowed: failed
// twin: none: it is wrong with or without walls

package main

func F(x int) int { return x + x }
