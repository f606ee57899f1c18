// The exports: options, and what is called once; and which flow is run.

#include "conformance.h"

#include <string.h>

char *base;
const char *exec;
struct vuelo_json data;
vuelo_counter *things;
vuelo_gauge *level;
vuelo_rate *share;
vuelo_trend *lengths;
vuelo_trend *sizes;

enum { PADDING = 1048576 };

const char *scenario_options(void) {
    return VUELO_JSON({
        "vus": 1,
        "iterations": 1,
        "setupTimeout": "10s",
        "discardResponseBodies": false,
        "maxRedirects": 5,
        "tags": {"from": "Grüße, 世界 🦉", "quoted": "\"\\/"},
        "thresholds": {
            "checks": ["rate>=0"],
            "things": [{"threshold": "count>=0", "abortOnFail": false, "onNoData": "pass"}]
        },
        "config": {
            "BASE_URL": {"kind": "url", "required": true},
            "CASE": {"default": ""},
            "URL": {"default": ""},
            "GREETING": {"default": "hello"},
            "ABSENT": {},
            "TOKEN": {"secret": true}
        },
        "metrics": {
            "things": {"type": "counter"},
            "level": {"type": "gauge"},
            "share": {"type": "rate"},
            "lengths": {"type": "trend", "unit": "ms"},
            "sizes": {"type": "trend", "unit": "bytes"},
            "plain": {"type": "trend"}
        }
    });
}

static bool case_is(const char *name) {
    vuelo_autofree char *value = vuelo_config_get("CASE");
    return value && strcmp(value, name) == 0;
}

char *scenario_setup(char **returned) {
    if (case_is("setup-failure"))
        return vuelo_fail("setup says no: Grüße");
    if (case_is("setup-exception"))
        throws_deliberately();
    vuelo_autofree char *padding = malloc(PADDING + 1);
    if (!padding)
        return vuelo_fail("no memory");
    memset(padding, 'x', PADDING);
    padding[PADDING] = '\0';
    *returned = vuelo_format(VUELO_JSON({
        "text": "Grüße, 世界 🦉 \"\\\n",
        "padding": "%s",
        "numbers": [0, -1, 0.1, 9007199254740991],
        "nothing": null,
        "nested": {"list": [[], {}], "yes": true}
    }), padding);
    return NULL;
}

char *scenario_start(const char *returned) {
    if (case_is("start-failure"))
        return vuelo_fail("start says no: Grüße");
    if (case_is("start-exception"))
        throws_deliberately();
    if (case_is("tags"))
        vuelo_set_tag("lasting", "from start");
    data = vuelo_json_parse(strdup(returned));
    base = vuelo_config_get("BASE_URL");
    size_t length = strlen(base);
    if (length > 0 && base[length - 1] == '/')
        base[length - 1] = '\0';
    things = vuelo_counter_new("things");
    level = vuelo_gauge_new("level");
    share = vuelo_rate_new("share");
    lengths = vuelo_trend_new("lengths");
    sizes = vuelo_trend_new("sizes");
    return case_is("handles") ? make_secret_request(&kept_request) : NULL;
}

char *scenario_iteration(const char *flow) {
    static const struct flow *const all[] = {request_flows, stream_flows, metric_flows,
                                             course_flows, limit_flows};
    exec = flow;
    for (size_t list = 0; list < sizeof all / sizeof *all; list++)
        for (const struct flow *one = all[list]; one->name; one++)
            if (strcmp(one->name, flow) == 0)
                return one->run();
    return vuelo_fail("no flow `%s`", flow);
}

char *scenario_teardown(const char *returned) {
    if (case_is("teardown-failure"))
        return vuelo_fail("teardown says no: Grüße");
    if (case_is("teardown")) {
        struct vuelo_json padding = vuelo_json_member(vuelo_json_parse(returned), "padding");
        vuelo_autofree char *text = vuelo_json_string(padding);
        if (!text)
            return vuelo_fail("no padding");
        say("teardown=%zu", strlen(text));
    }
    return NULL;
}

char *scenario_summarize(const char *results) {
    if (case_is("summary-failure"))
        return vuelo_fail("summary says no: Grüße");
    static const char *const path[] = {"metrics", "iterations", "values", "count"};
    struct vuelo_json count = vuelo_json_parse(results);
    for (size_t i = 0; i < sizeof path / sizeof *path; i++)
        count = vuelo_json_member(count, path[i]);
    vuelo_autofree char *text = vuelo_format("iterations=%.0f\n", vuelo_json_number(count));
    vuelo_output_stdout(text);
    vuelo_output_file("guest.txt", "Grüße");
    return NULL;
}
