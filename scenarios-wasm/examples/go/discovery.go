package main

import (
	"errors"
	"fmt"
	"strings"

	"vuelo"
)

// Every agent that there can be.
var agents = []string{"navi", "pulse", "herald"}

// listed is what setup hands on: the agents that the server lists.
type listed struct {
	Agents []string `json:"agents"`
}

func setup() (listed, error) {
	base, err := vuelo.RequireConfig("BASE_URL")
	if err != nil {
		return listed{}, err
	}
	url := base + "/.well-known/agents"
	response, err := vuelo.Get(url).Tag("endpoint", "setup").Send()
	if err != nil {
		return listed{}, err
	}
	if status := response.Status(); status != 200 {
		return listed{}, fmt.Errorf("setup: %s answered %d", url, status)
	}
	listing, err := response.Text()
	if err != nil {
		return listed{}, err
	}
	var found listed
	for _, agent := range agents {
		if strings.Contains(listing, agent) {
			found.Agents = append(found.Agents, agent)
		}
	}
	if len(found.Agents) == 0 {
		return listed{}, errors.New("setup: no agent is listed")
	}
	return found, nil
}

// discovery asks for the server's card and for its list of agents.
type discovery struct {
	card    *vuelo.Request
	listing *vuelo.Request
	found   *vuelo.Counter
}

func newDiscovery(base string) discovery {
	return discovery{
		card: vuelo.Get(base+"/.well-known/agent-card.json").
			Tag("endpoint", "discovery").Tag("agent", "global"),
		listing: vuelo.Get(base+"/.well-known/agents").
			Tag("endpoint", "discovery").Tag("agent", "listing"),
		found: vuelo.NewCounter("agents_found"),
	}
}

func (d discovery) run() error {
	var card struct {
		Name *string `json:"name"`
	}
	read := ask(d.card, &card)
	vuelo.Check("discovery: has a name", read && card.Name != nil)
	think(10, 30)

	var listing struct {
		Agents []any `json:"agents"`
	}
	read = ask(d.listing, &listing)
	vuelo.Check("discovery: lists agents", read && len(listing.Agents) > 0)
	d.found.Add(float64(len(listing.Agents)))
	return nil
}

// ask sends a request, and tells whether its answer was JSON for what is given.
func ask(request *vuelo.Request, answer any) bool {
	response, err := request.Send()
	if err != nil {
		vuelo.Debugf("discovery: %v", err)
		vuelo.Check("discovery: status is 200", false)
		return false
	}
	vuelo.Check("discovery: status is 200", response.Status() == 200)
	return response.JSON(answer) == nil
}
