// A type of its own with an Equal of its own.
//
// layer: values cross, not objects
// allowed: compile_error
// twin: none: it is an error with or without walls

package main

type Any struct{}

func (Any) Equal(any) bool { return true }

func F(x int) Any { return Any{} }
