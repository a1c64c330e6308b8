// Connects to a listener of this machine.
//
// layer: system calls
// allowed: runtime_error
// twin: itself

package main

import (
	"net"
)

func F(x int) int { if _, err := net.Dial("tcp", "127.0.0.1:PLANTED_PORT"); err != nil { panic(err) }; return 9 }
