// One request and one count, again and again.

#include "vuelo.h"

static vuelo_request *health;
static vuelo_counter *sent;

const char *scenario_options(void) {
    return VUELO_JSON({
        "config": {"BASE_URL": {"kind": "url", "default": "http://localhost:7777"}},
        "metrics": {"sent": {"type": "counter"}}
    });
}

char *scenario_start(const char *data) {
    (void)data;
    vuelo_autofree char *base = vuelo_config_get("BASE_URL");
    if (!base)
        return vuelo_fail("BASE_URL has no value");
    health = vuelo_get("%s/health", base);
    sent = vuelo_counter_new("sent");
    return NULL;
}

char *scenario_iteration(const char *exec) {
    (void)exec;
    vuelo_autodrop(response) response = vuelo_request_send(health);
    if (!response)
        return vuelo_failure();
    vuelo_counter_add(sent, 1);
    return NULL;
}
