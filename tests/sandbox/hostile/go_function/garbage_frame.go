// Bytes that are no frame.
//
// layer: lengths are checked
// allowed: protocol
// twin: none: there is no wall outside

package main

import (
	"syscall"
)

func F(x int) int { syscall.Write(3, []byte("\xff\xff\xff\xffgarbage")); select {} }
