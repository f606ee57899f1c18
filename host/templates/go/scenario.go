// A load test of a server's health.
package main

import (
	"time"

	"vuelo"
)

func init() {
	vuelo.Export(vuelo.Scenario[vuelo.None]{
		Options: vuelo.Object{
			"vus":      5,
			"duration": "10s",
			"thresholds": vuelo.Object{
				"http_req_failed":   []string{"rate<0.01"},
				"http_req_duration": []string{"p(95)<500"},
			},
			"config": vuelo.Object{
				"BASE_URL": vuelo.Object{"kind": "url", "default": "http://localhost:7777"},
			},
			"metrics": vuelo.Object{
				"health_duration": vuelo.Object{"type": "trend", "unit": "ms"},
			},
		},
		Start: start,
	})
}

func main() {}

// start prepares a virtual user, and returns what it does again and again.
func start(vuelo.None) (vuelo.Iteration, error) {
	base, err := vuelo.RequireConfig("BASE_URL")
	if err != nil {
		return nil, err
	}
	health := vuelo.Get(base+"/health").Tag("endpoint", "health")
	duration := vuelo.NewTrend("health_duration")

	return func(string) error {
		response, err := health.Send()
		if err != nil {
			return err
		}
		vuelo.Check("health: status is 200", response.Status() == 200)
		if took, measured := response.Duration(); measured {
			duration.AddDuration(took)
		}
		vuelo.SleepBetween(500*time.Millisecond, 1500*time.Millisecond)
		return nil
	}, nil
}
