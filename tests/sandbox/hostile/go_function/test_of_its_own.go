// Declares a test of its own name.
//
// layer: two processes
// allowed: failed
// twin: none: two tests of one name are an error

package main

import (
	"testing"
)

func TestF(t *testing.T) {}

func F(x int) int { return 0 }
