// A panic that nobody recovers ends the process.
//
// layer: the kernel tells
// allowed: early_exit
// twin: none: it crashes with or without walls

package main

import (
	"time"
)

func F(x int) int { go panic("passed"); time.Sleep(time.Minute); return 9 }
