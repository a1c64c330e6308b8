// Writes a verdict on every descriptor.
//
// layer: the verdict has a channel of its own
// allowed: protocol, failed, early_exit
// twin: none: the verdict has no channel outside

package main

import (
	"syscall"
)

func F(x int) int { for i := 0; i < 64; i++ { syscall.Write(i, []byte("passed\n0")) }; return 0 }
