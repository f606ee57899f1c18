// One request and one count, again and again.
package main

import (
	"errors"

	"vuelo"
)

func init() {
	vuelo.Export(vuelo.Scenario[any]{
		Options: vuelo.Object{
			"config":  vuelo.Object{"BASE_URL": vuelo.Object{"kind": "url", "default": "http://localhost:7777"}},
			"metrics": vuelo.Object{"sent": vuelo.Object{"type": "counter"}},
		},
		Start: start,
	})
}

func main() {}

func start(any) (vuelo.Iteration, error) {
	base, ok := vuelo.Config("BASE_URL")
	if !ok {
		return nil, errors.New("BASE_URL has no value")
	}
	health, sent := vuelo.Get(base+"/health"), vuelo.NewCounter("sent")
	return func(string) error {
		_, err := health.Send()
		if err == nil {
			sent.Add(1)
		}
		return err
	}, nil
}
