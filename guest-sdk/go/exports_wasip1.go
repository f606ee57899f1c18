package vuelo

import (
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"unsafe"
)

// An endless recursion ends by Go's own error, before the memory of a virtual
// user does.
const largestStack = 64 << 20

func init() { debug.SetMaxStack(largestStack) }

// The result of the last exported function, and what it points to.
var answer struct {
	area [3]uint32
	keep [2]any
}

// begin takes the text that the host handed over.
func begin(start unsafe.Pointer, length uint32) string {
	text := strings.Clone(unsafe.String((*byte)(start), length))
	received.clear()
	// The collector's work that waits gets its turn: Go's scheduler has no other
	// occasion.
	runtime.Gosched()
	unreachable.drop()
	return text
}

func answerText(at int, text string) {
	answer.keep[0] = text
	answer.area[at] = uint32(uintptr(unsafe.Pointer(unsafe.StringData(text))))
	answer.area[at+1] = uint32(len(text))
}

func answerError(err error) unsafe.Pointer {
	if err == nil {
		answer.area[0] = 0
	} else {
		answer.area[0] = 1
		answerText(1, err.Error())
	}
	return unsafe.Pointer(&answer.area)
}

var errNoScenario = errors.New("no scenario: vuelo.Export was not called in an init function")

//go:wasmexport vuelo:load/scenario@0.1.0#options
func exportOptions() unsafe.Pointer {
	if exported.options == nil {
		panic(errNoScenario)
	}
	answerText(0, exported.options())
	return unsafe.Pointer(&answer.area)
}

//go:wasmexport vuelo:load/setup@0.1.0#setup
func exportSetup() unsafe.Pointer {
	begin(nil, 0)
	var text string
	err := func() (err error) {
		defer recovered(&err)
		text, err = exported.setup()
		return err
	}()
	if err == nil {
		answerText(1, text)
	}
	return answerError(err)
}

//go:wasmexport vuelo:load/scenario@0.1.0#start
func exportStart(data unsafe.Pointer, length uint32) unsafe.Pointer {
	return of(exported.start, data, length)
}

//go:wasmexport vuelo:load/scenario@0.1.0#iteration
func exportIteration(exec unsafe.Pointer, length uint32) unsafe.Pointer {
	return of(exported.iteration, exec, length)
}

//go:wasmexport vuelo:load/teardown@0.1.0#teardown
func exportTeardown(data unsafe.Pointer, length uint32) unsafe.Pointer {
	return of(exported.teardown, data, length)
}

// of answers with the error of a function of one text.
func of(function func(text string) error, start unsafe.Pointer, length uint32) unsafe.Pointer {
	text := begin(start, length)
	return answerError(func() (err error) {
		defer recovered(&err)
		return function(text)
	}())
}

//go:wasmexport vuelo:load/summary@0.1.0#summarize
func exportSummarize(start unsafe.Pointer, length uint32) unsafe.Pointer {
	results := begin(start, length)
	var outputs []Output
	err := func() (err error) {
		defer recovered(&err)
		outputs, err = exported.summarize(results)
		return err
	}()
	if err == nil {
		l := list(outputs, func(l *lowered, output Output) {
			l.u32(uint32(output.To))
			l.text(output.File)
			l.text(output.Text)
		})
		answer.keep[1] = l
		answer.area[1], answer.area[2] = uint32(uintptr(l.start())), l.count
	}
	return answerError(err)
}
