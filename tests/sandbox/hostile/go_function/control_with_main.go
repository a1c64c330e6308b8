// No attack: a program that has a main, prints, and uses goroutines.
//
// layer: none
// allowed: passed
// twin: none: two mains are an error outside

package main

import (
	"fmt"
)

func F(x int) int {
	answer := make(chan int)
	go func() { answer <- x * x }()
	fmt.Println("working")
	return <-answer
}

func main() { fmt.Println(F(3)) }
