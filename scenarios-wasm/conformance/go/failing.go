package main

import (
	"fmt"
	"os"
	"runtime"

	"vuelo"
)

func (u *user) trap() error {
	if vuelo.VUIteration() > 0 {
		say("instance", "new")
		say("data", len(u.data.Padding))
		return nil
	}
	// WebAssembly's `unreachable`.
	runtime.Breakpoint()
	return nil
}

func exception() error {
	throwsDeliberately()
	return nil
}

//go:noinline
func throwsDeliberately() { panic("this was thrown") }

func exit() error {
	if vuelo.VUIteration() > 0 {
		say("instance", "new")
		return nil
	}
	os.Exit(3)
	return nil
}

func memory() error {
	if vuelo.VUIteration() > 0 {
		say("after", true)
		return nil
	}
	var kept [][]byte
	for {
		piece := make([]byte, 1<<20)
		for i := range piece {
			piece[i] = 1
		}
		kept = append(kept, piece)
	}
}

func endless() error {
	for {
	}
}

func overflow() error {
	if vuelo.VUIteration() > 0 {
		say("after", true)
		return nil
	}
	return fmt.Errorf("unsupported: the recursion came to its end at %d", deeper(1))
}

//go:noinline
func deeper(depth int) int { return deeper(depth+1) + depth }

func deep() error {
	say("depth", nestedCalls(400))
	return nil
}

// nestedCalls counts the calls as they come back.
//
//go:noinline
func nestedCalls(calls int) int {
	if calls == 0 {
		return 0
	}
	return nestedCalls(calls-1) + 1
}

func print_() error {
	fmt.Println("hello")
	fmt.Fprintln(os.Stderr, "hello")
	return nil
}
