// Package vuelo writes scenarios of Vuelo, the load-test runner, in Go.
//
// A scenario is a WebAssembly component, and each virtual user (VU) an instance
// of it. [Export] says what the component does, in an init function:
//
//	func init() {
//		vuelo.Export(vuelo.Scenario[vuelo.None]{
//			Options: vuelo.Object{"vus": 5, "duration": "10s"},
//			Start:   start,
//		})
//	}
//
//	func main() {}
//
//	func start(vuelo.None) (vuelo.Iteration, error) {
//		health := vuelo.Get("http://localhost:7777/health")
//		return func(string) error {
//			response, err := health.Send()
//			if err != nil {
//				return err
//			}
//			vuelo.Check("status is 200", response.Status() == 200)
//			vuelo.Sleep(time.Second)
//			return nil
//		}, nil
//	}
//
// Every call waits until it is done: the host suspends the virtual user. A
// scenario needs no goroutines, and several of them must not call the host at
// once.
//
// What each function does is said in full by the contract, the folder wit.
package vuelo

import (
	"encoding/json"
	"fmt"
	"path"
	"runtime"
	"strings"
)

// Object is a JSON object.
type Object = map[string]any

// None is the data of a scenario without a setup.
type None = struct{}

// Iteration is one iteration of a virtual user. `exec` names the flow to run;
// it is `default` where the plan names none. An error ends this iteration alone,
// and so does a panic.
type Iteration func(exec string) error

// Scenario is what a component exports. Data is what its setup hands on.
type Scenario[Data any] struct {
	// Options say how it wants to be run, as JSON in the schema
	// options.schema.json of the contract.
	Options Object
	// Setup prepares the run, once, and returns what every virtual user is handed,
	// by way of JSON. It is optional, as are Teardown and Summarize; what is here
	// is named in `exports` of vuelo.toml too.
	Setup func() (Data, error)
	// Start is called once for each virtual user. Requests, metrics and secrets are
	// made here, and live in the iteration that it returns.
	Start func(data Data) (Iteration, error)
	// Teardown cleans up after the run, once.
	Teardown func(data Data) error
	// Summarize makes the summary, in place of the built-in one, of the results
	// file's JSON.
	Summarize func(results []byte) ([]Output, error)
}

// Output is a text of a summary.
type Output struct {
	// To says where it goes.
	To Destination
	// File is the file's name in the results folder, for [ToFile].
	File string
	Text string
}

// Destination says where a text of a summary goes.
type Destination int

// Where a text of a summary goes.
const (
	ToStdout Destination = iota
	ToStderr
	ToFile
)

// The exported functions, of texts.
var exported = struct {
	options   func() string
	setup     func() (string, error)
	start     func(data string) error
	iteration func(exec string) error
	teardown  func(data string) error
	summarize func(results string) ([]Output, error)
}{}

// Export says what the component does. It is called once, in an init function.
func Export[Data any](scenario Scenario[Data]) {
	exported.options = func() string {
		options, err := json.Marshal(scenario.Options)
		if err != nil {
			panic(fmt.Errorf("the options are no JSON: %w", err))
		}
		return string(options)
	}
	exported.setup = func() (string, error) {
		if scenario.Setup == nil {
			return "", missing("Setup", "setup")
		}
		data, err := scenario.Setup()
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(data)
		return string(text), err
	}
	var iteration Iteration
	exported.start = func(text string) error {
		data, err := parsed[Data](text)
		if err != nil {
			return err
		}
		iteration, err = scenario.Start(data)
		return err
	}
	exported.iteration = func(exec string) error { return iteration(exec) }
	exported.teardown = func(text string) error {
		if scenario.Teardown == nil {
			return missing("Teardown", "teardown")
		}
		data, err := parsed[Data](text)
		if err != nil {
			return err
		}
		return scenario.Teardown(data)
	}
	exported.summarize = func(results string) ([]Output, error) {
		if scenario.Summarize == nil {
			return nil, missing("Summarize", "summary")
		}
		return scenario.Summarize([]byte(results))
	}
}

func missing(field, export string) error {
	return fmt.Errorf("vuelo.toml exports %q, and the scenario has no %s", export, field)
}

func parsed[Data any](text string) (data Data, err error) {
	if err = json.Unmarshal([]byte(text), &data); err != nil {
		err = fmt.Errorf("the data of setup: %w", err)
	}
	return data, err
}

// recovered makes an error of a panic, with the function that it came out of.
func recovered(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("panic: %v%s", cause, place())
	}
}

// place says where the panic that is being recovered came from.
func place() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for {
		frame, more := frames.Next()
		if frame.Function != "" && !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf(", in %s (%s:%d)", frame.Function, path.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}
