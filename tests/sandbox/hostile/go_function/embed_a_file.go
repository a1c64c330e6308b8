// A file of the machine as a part of the program.
//
// layer: mount namespace of the compiler
// allowed: compile_error
// twin: none: only files below a program are embedded

package main

import (
	"embed"
)

//go:embed importcfg
var files embed.FS

func F(x int) int { files.ReadFile("importcfg"); return 9 }
