// A client of an AgentOS server: it finds out who is there, and calls an agent.

#include "discovery.h"
#include "rpc.h"

#include <stdio.h>
#include <string.h>

const char *scenario_options(void) {
    return VUELO_JSON({
        "vus": 2,
        "iterations": 20,
        "thresholds": {
            "checks": ["rate>0.95"],
            "http_req_failed": ["rate<0.05"],
            "rpc_duration": ["p(95)<500"],
            "http_req_duration{endpoint:discovery}": ["p(95)<500"]
        },
        "config": {
            "BASE_URL": {"kind": "url", "default": "http://localhost:7777"},
            "AUTH_TOKEN": {"secret": true, "default": "test-token"}
        },
        "metrics": {
            "rpc_duration": {"type": "trend", "unit": "ms"},
            "rpc_errors": {"type": "rate"},
            "agents_found": {"type": "counter"}
        }
    });
}

// Once per run: which of the agents that we know the server has.
char *scenario_setup(char **data) {
    static const char *const known[] = {"navi", "pulse", "herald"};
    vuelo_autofree char *base = vuelo_config_get("BASE_URL");
    if (!base)
        return vuelo_fail("BASE_URL has no value");
    vuelo_autofree char *url = vuelo_format("%s/.well-known/agents", base);
    vuelo_autodrop(request) request = vuelo_request_new("GET", url);
    vuelo_request_set_tag(request, "endpoint", "setup");
    vuelo_autodrop(response) response = vuelo_request_send(request);
    if (!response)
        return vuelo_failure();
    if (vuelo_response_status(response) != 200)
        return vuelo_fail("setup: %s answered %d", url, vuelo_response_status(response));
    vuelo_autofree char *listing = vuelo_response_text(response);
    if (!listing)
        return vuelo_failure();

    char names[64] = "";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(listing, known[i]))
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s\"%s\"",
                     *names ? "," : "", known[i]);
    if (!*names)
        return vuelo_fail("setup: %s lists none of our agents", url);
    *data = vuelo_format(VUELO_JSON({"agents":[%s]}), names);
    return NULL;
}

// Once per virtual user.
char *scenario_start(const char *data) {
    vuelo_set_tag("language", "c");
    vuelo_autofree char *base = vuelo_config_get("BASE_URL");
    if (!base)
        return vuelo_fail("BASE_URL has no value");
    discovery_start(base);
    return rpc_start(base, vuelo_json_member(vuelo_json_parse(data), "agents"));
}

// Again and again.
char *scenario_iteration(const char *exec) {
    (void)exec;
    discovery_run();
    vuelo_sleep_between(VUELO_MILLISECONDS(20), VUELO_MILLISECONDS(60));
    rpc_run();
    vuelo_sleep_between(VUELO_MILLISECONDS(20), VUELO_MILLISECONDS(60));
    return NULL;
}
