// Finds the code of the test and changes it.
//
// layer: two processes
// allowed: compile_error, failed, early_exit, crash, runtime_error
// twin: none: the name is not there outside

package main

import (
	"unsafe"
)

//go:linkname leave wall.Leave
func leave(passed bool)

var _ = unsafe.Pointer(nil)

func F(x int) int { leave(true); return 0 }
