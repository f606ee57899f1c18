// Visitors who ask a server for its health, again and again.

#include "vuelo.h"

static vuelo_request *health;
static vuelo_trend *health_duration;

const char *scenario_options(void) {
    return VUELO_JSON({
        "vus": 5,
        "duration": "10s",
        "thresholds": {
            "http_req_failed": ["rate<0.01"],
            "http_req_duration": ["p(95)<500"]
        },
        "config": {
            "BASE_URL": {"kind": "url", "default": "http://localhost:7777"}
        },
        "metrics": {
            "health_duration": {"type": "trend", "unit": "ms"}
        }
    });
}

// Once per virtual user: what it sends again and again.
char *scenario_start(const char *data) {
    (void)data;
    vuelo_autofree char *base = vuelo_config_get("BASE_URL");
    if (!base)
        return vuelo_fail("BASE_URL has no value");
    health = vuelo_get("%s/health", base);
    vuelo_request_set_tag(health, "endpoint", "health");
    health_duration = vuelo_trend_new("health_duration");
    return NULL;
}

// Again and again. A text that is returned says why this iteration failed.
char *scenario_iteration(const char *exec) {
    (void)exec;
    vuelo_autodrop(response) response = vuelo_request_send(health);
    if (!response)
        return vuelo_failure();
    vuelo_check("health: status is 200", vuelo_response_status(response) == 200);
    vuelo_duration duration;
    if (vuelo_response_duration(response, &duration))
        vuelo_trend_add_duration(health_duration, duration);
    vuelo_sleep_between(VUELO_MILLISECONDS(500), VUELO_MILLISECONDS(1500));
    return NULL;
}
