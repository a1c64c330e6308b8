// A program with C in it.
//
// layer: the compiler has no cgo
// allowed: compile_error
// twin: none: it would need a compiler of C

package main

// int square(int x) { return x * x; }
import "C"

func F(x int) int { return int(C.square(C.int(x))) }
