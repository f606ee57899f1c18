// The guest in Go that does the test plan of `vuelo conformance`.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"vuelo"
)

func init() {
	vuelo.Export(vuelo.Scenario[data]{
		Options:   options,
		Setup:     setup,
		Start:     start,
		Teardown:  teardown,
		Summarize: summarize,
	})
}

func main() {}

var options = vuelo.Object{
	"vus":                   1,
	"iterations":            1,
	"setupTimeout":          "10s",
	"discardResponseBodies": false,
	"maxRedirects":          5,
	"tags":                  vuelo.Object{"from": "Grüße, 世界 🦉", "quoted": `"\/`},
	"thresholds": vuelo.Object{
		"checks": []string{"rate>=0"},
		"things": []vuelo.Object{
			{"threshold": "count>=0", "abortOnFail": false, "onNoData": "pass"},
		},
	},
	"config": vuelo.Object{
		"BASE_URL": vuelo.Object{"kind": "url", "required": true},
		"CASE":     vuelo.Object{"default": ""},
		"URL":      vuelo.Object{"default": ""},
		"GREETING": vuelo.Object{"default": "hello"},
		"ABSENT":   vuelo.Object{},
		"TOKEN":    vuelo.Object{"secret": true},
	},
	"metrics": vuelo.Object{
		"things":  vuelo.Object{"type": "counter"},
		"level":   vuelo.Object{"type": "gauge"},
		"share":   vuelo.Object{"type": "rate"},
		"lengths": vuelo.Object{"type": "trend", "unit": "ms"},
		"sizes":   vuelo.Object{"type": "trend", "unit": "bytes"},
		"plain":   vuelo.Object{"type": "trend"},
	},
}

// What setup hands on. Numbers keep their text.
type data struct {
	Text    string        `json:"text"`
	Padding string        `json:"padding"`
	Numbers []json.Number `json:"numbers"`
	Nothing any           `json:"nothing"`
	Nested  nested        `json:"nested"`
}

type nested struct {
	List []any `json:"list"`
	Yes  bool  `json:"yes"`
}

func isCase(name string) bool {
	value, _ := vuelo.Config("CASE")
	return value == name
}

// refuses is the error of the case that wants one of this function, or its panic.
func refuses(function string) error {
	if isCase(function + "-exception") {
		panic("this was thrown")
	}
	if isCase(function + "-failure") {
		return fmt.Errorf("%s says no: Grüße", function)
	}
	return nil
}

func setup() (data, error) {
	return data{
		Text:    "Grüße, 世界 🦉 \"\\\n",
		Padding: strings.Repeat("x", 1<<20),
		Numbers: []json.Number{"0", "-1", "0.1", "9007199254740991"},
		Nested:  nested{List: []any{[]any{}, vuelo.Object{}}, Yes: true},
	}, refuses("setup")
}

func start(d data) (vuelo.Iteration, error) {
	if err := refuses("start"); err != nil {
		return nil, err
	}
	if isCase("tags") {
		vuelo.SetTag("lasting", "from start")
	}
	base, err := vuelo.RequireConfig("BASE_URL")
	if err != nil {
		return nil, err
	}
	url, _ := vuelo.Config("URL")
	user := &user{data: d, base: strings.TrimSuffix(base, "/"), url: url}
	if isCase("handles") {
		if user.request, err = user.secretRequest(); err != nil {
			return nil, err
		}
		user.things = vuelo.NewCounter("things")
	}
	flows := user.flows()
	return func(exec string) error {
		if exec == "exec" {
			say("exec", exec)
			return nil
		}
		flow, ok := flows[exec]
		if !ok {
			return fmt.Errorf("there is no flow %s", exec)
		}
		return flow()
	}, nil
}

func teardown(d data) error {
	if isCase("teardown") {
		say("teardown", len(d.Padding))
	}
	return refuses("teardown")
}

func summarize(results []byte) ([]vuelo.Output, error) {
	var parsed struct {
		Metrics struct {
			Iterations struct {
				Values struct {
					Count float64 `json:"count"`
				} `json:"values"`
			} `json:"iterations"`
		} `json:"metrics"`
	}
	if err := errors.Join(refuses("summary"), json.Unmarshal(results, &parsed)); err != nil {
		return nil, err
	}
	return []vuelo.Output{
		{To: vuelo.ToStdout, Text: fmt.Sprintf("iterations=%.0f\n", parsed.Metrics.Iterations.Values.Count)},
		{To: vuelo.ToFile, File: "guest.txt", Text: "Grüße"},
	}, nil
}

// say tells the host what was seen.
func say(name string, value any) { vuelo.Debugf("%s=%v", name, value) }

// optional is the word for what may be absent.
func optional[T any](value T, ok bool) any {
	if !ok {
		return "none"
	}
	return value
}

// A virtual user: what it was handed, and what it keeps between iterations.
type user struct {
	data data
	base string
	url  string
	kept *vuelo.Response
	// What start made, in the case of handles.
	request *vuelo.Request
	things  *vuelo.Counter
}

func (u *user) flows() map[string]func() error {
	return map[string]func() error{
		"nothing":           func() error { return nil },
		"error":             func() error { return errors.New("this one fails: Grüße") },
		"setup-data":        u.setupData,
		"handles":           u.handles,
		"config":            u.config,
		"secret":            u.secret,
		"get":               u.get,
		"post":              u.post,
		"bytes":             u.bytes,
		"large":             u.large,
		"form":              u.form,
		"multipart":         u.multipart,
		"basic":             u.basic,
		"cookies":           u.cookies,
		"redirect":          u.redirect,
		"timings":           u.timings,
		"send-all":          u.sendAll,
		"batch-edges":       u.batchEdges,
		"judging":           u.judging,
		"discard":           u.discard,
		"request-tags":      u.requestTags,
		"timeouts":          u.timeouts,
		"http-error":        u.httpError,
		"events":            u.events,
		"chunks":            u.chunks,
		"not-events":        u.notEvents,
		"dropped-stream":    u.droppedStream,
		"upload":            u.upload,
		"kept":              u.keptResponse,
		"websocket":         u.websocket,
		"websocket-refused": u.websocketRefused,
		"metrics":           metrics,
		"f64":               f64,
		"u64":               u64,
		"nonsense":          nonsense,
		"undeclared-metric": undeclaredMetric,
		"wrong-metric":      wrongMetric,
		"checks":            checks,
		"groups":            groups,
		"tags":              tags,
		"numbers":           numbers,
		"random":            random,
		"sleep":             sleep,
		"abort":             abort,
		"mark-failed":       markFailed,
		"log":               log,
		"trap":              u.trap,
		"exception":         exception,
		"exit":              exit,
		"memory":            memory,
		"endless":           endless,
		"overflow":          overflow,
		"deep":              deep,
		"print":             print_,
		"clock":             clock,
		"strings":           texts,
	}
}
