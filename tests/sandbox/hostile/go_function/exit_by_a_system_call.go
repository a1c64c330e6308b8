// Leaves by the system call.
//
// layer: two processes
// allowed: early_exit
// twin: itself

package main

import (
	"syscall"
)

func F(x int) int { syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0); return 0 }
