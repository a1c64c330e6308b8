// Traces a process.
//
// layer: system calls
// allowed: security
// twin: itself

package main

import (
	"syscall"
)

func F(x int) int { syscall.RawSyscall(syscall.SYS_PTRACE, 0, 0, 0); return 9 }
