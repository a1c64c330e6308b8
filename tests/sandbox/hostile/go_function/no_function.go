// A program without the function.
//
// layer: none
// allowed: compile_error
// twin: none: it is an error with or without walls

package main

func G(x int) int { return x * x }
