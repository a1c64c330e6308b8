// A frame that ends in the middle of its value.
//
// layer: lengths are checked
// allowed: protocol
// twin: none: there is no wall outside

package main

import (
	"syscall"
)

func F(x int) int { syscall.Write(3, []byte{0, 0, 0, 3, 'v', 0, 9}); select {} }
