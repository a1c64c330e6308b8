// Looks for a secret in the environment.
//
// layer: clean environment
// allowed: failed
// twin: itself

package main

import (
	"os"
)

func F(x int) int { if os.Getenv("HF_TOKEN") != "" { return 9 }; return 0 }
