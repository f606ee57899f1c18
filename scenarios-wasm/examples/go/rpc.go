package main

import (
	"time"

	"vuelo"
)

// rpc asks one of the agents how it is.
type rpc struct {
	requests []*vuelo.Request
	duration *vuelo.Trend
	errors   *vuelo.Rate
}

func newRPC(base string, token *vuelo.Secret, agents []string) rpc {
	requests := make([]*vuelo.Request, len(agents))
	for i, agent := range agents {
		requests[i] = vuelo.Post(base+"/a2a/"+agent+"/rpc").
			Header("content-type", "application/json").
			SecretHeader("authorization", "Bearer ", token).
			Header("x-a2a-protocol", "1.0").
			Text(`{"jsonrpc":"2.0","id":1,"method":"health","params":{}}`).
			Tag("endpoint", "rpc").Tag("agent", agent).Tag("rpc_method", "health").
			Timeout(10 * time.Second)
	}
	return rpc{requests, vuelo.NewTrend("rpc_duration"), vuelo.NewRate("rpc_errors")}
}

func (r rpc) run() error {
	ok, answered := false, false
	response, err := vuelo.Pick(r.requests).Send()
	if err != nil {
		vuelo.Debugf("rpc: %v", err)
	} else {
		ok, answered = response.Status() == 200, hasResult(response)
		if duration, measured := response.Duration(); measured {
			r.duration.AddDuration(duration)
		}
	}
	vuelo.Check("rpc: status is 200", ok)
	vuelo.Check("rpc: has a result", answered)
	r.errors.Add(!ok || !answered)
	return nil
}

// hasResult tells whether an answer of JSON-RPC is no error.
func hasResult(response *vuelo.Response) bool {
	var answer struct {
		Error  any            `json:"error"`
		Result map[string]any `json:"result"`
	}
	return response.JSON(&answer) == nil && answer.Error == nil && answer.Result != nil
}
