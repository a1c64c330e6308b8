// Writes to a file that everybody may write.
//
// layer: mount namespace
// allowed: runtime_error
// twin: none: a write outside would spoil the bait

package main

import (
	"os"
)

func F(x int) int { if err := os.WriteFile("PLANTED_FILE", nil, 0644); err != nil { panic(err) }; return 9 }
