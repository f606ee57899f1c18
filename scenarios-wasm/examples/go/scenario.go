// A load test of an AgentOS server: it finds out which agents there are, and asks
// one of them how it is.
package main

import (
	"fmt"
	"time"

	"vuelo"
)

func init() {
	vuelo.Export(vuelo.Scenario[listed]{
		Options: vuelo.Object{
			"vus":        2,
			"iterations": 20,
			"thresholds": vuelo.Object{
				"checks":                                []string{"rate>0.95"},
				"http_req_failed":                       []string{"rate<0.05"},
				"rpc_duration":                          []string{"p(95)<500"},
				"http_req_duration{endpoint:discovery}": []string{"p(95)<500"},
			},
			"config": vuelo.Object{
				"BASE_URL":   vuelo.Object{"kind": "url", "default": "http://localhost:7777"},
				"AUTH_TOKEN": vuelo.Object{"secret": true, "default": "test-token"},
			},
			"metrics": vuelo.Object{
				"rpc_duration": vuelo.Object{"type": "trend", "unit": "ms"},
				"rpc_errors":   vuelo.Object{"type": "rate"},
				"agents_found": vuelo.Object{"type": "counter"},
			},
		},
		Setup: setup,
		Start: start,
	})
}

func main() {}

func start(found listed) (vuelo.Iteration, error) {
	base, err := vuelo.RequireConfig("BASE_URL")
	if err != nil {
		return nil, err
	}
	token := vuelo.ConfigSecret("AUTH_TOKEN")
	if token == nil {
		return nil, fmt.Errorf("AUTH_TOKEN has no value")
	}
	vuelo.SetTag("language", "go")
	discovery, rpc := newDiscovery(base), newRPC(base, token, found.Agents)
	return func(string) error {
		err := vuelo.Group("discovery", discovery.run)
		if err != nil {
			return err
		}
		think(20, 60)
		err = vuelo.Group("rpc", rpc.run)
		think(20, 60)
		return err
	}, nil
}

// think waits for a number of milliseconds between these two.
func think(shortest, longest time.Duration) {
	vuelo.SleepBetween(shortest*time.Millisecond, longest*time.Millisecond)
}
