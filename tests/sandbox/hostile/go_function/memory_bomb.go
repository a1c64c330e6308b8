// Asks for memory without end.
//
// layer: limit of memory
// allowed: memory, crash, early_exit, cpu_timeout
// twin: none: it would fill the machine
// slow: yes

package main

func F(x int) int { all := [][]byte{}; for { all = append(all, make([]byte, 1<<24)); for i := range all[len(all)-1] { all[len(all)-1][i] = 1 } } }
