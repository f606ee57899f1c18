#include "rpc.h"

static vuelo_request **requests;
static size_t agents_count;
static vuelo_trend *rpc_duration;
static vuelo_rate *rpc_errors;

static vuelo_request *health_request(const char *base, const char *agent,
                                     const vuelo_secret *token) {
    vuelo_request *request = vuelo_post("%s/a2a/%s/rpc", base, agent);
    vuelo_request_set_header(request, "content-type", "application/json");
    vuelo_request_set_header(request, "x-a2a-protocol", "1.0");
    vuelo_request_set_secret_header(request, "authorization", "Bearer ", token);
    vuelo_request_set_text(
        request, VUELO_JSON({"jsonrpc": "2.0", "id": 1, "method": "health", "params": {}}));
    vuelo_request_set_tag(request, "endpoint", "rpc");
    vuelo_request_set_tag(request, "agent", agent);
    vuelo_request_set_tag(request, "rpc_method", "health");
    vuelo_request_set_timeout(request, VUELO_SECONDS(10));
    return request;
}

char *rpc_start(const char *base, struct vuelo_json agents) {
    vuelo_autodrop(secret) token = vuelo_config_get_secret("AUTH_TOKEN");
    if (!token)
        return vuelo_fail("AUTH_TOKEN has no value");
    agents_count = vuelo_json_count(agents);
    requests = calloc(agents_count, sizeof *requests);
    if (agents_count == 0 || !requests)
        return vuelo_fail("setup found no agents");
    for (size_t i = 0; i < agents_count; i++) {
        vuelo_autofree char *agent = vuelo_json_string(vuelo_json_item(agents, i));
        if (!agent)
            return vuelo_fail("an agent of setup has no name");
        requests[i] = health_request(base, agent, token);
    }
    rpc_duration = vuelo_trend_new("rpc_duration");
    rpc_errors = vuelo_rate_new("rpc_errors");
    return NULL;
}

static bool has_result(const char *text) {
    struct vuelo_json answer = vuelo_json_parse(text);
    enum vuelo_json_kind error = vuelo_json_kind(vuelo_json_member(answer, "error"));
    enum vuelo_json_kind result = vuelo_json_kind(vuelo_json_member(answer, "result"));
    return (error == VUELO_JSON_NONE || error == VUELO_JSON_NULL) && result == VUELO_JSON_OBJECT;
}

void rpc_run(void) {
    size_t drawn = (size_t)(vuelo_random() * (double)agents_count);
    vuelo_begin_group("rpc");
    vuelo_autodrop(response) response = vuelo_request_send(requests[drawn]);
    if (!response)
        vuelo_log_debug("%s", vuelo_last_error()->text);
    vuelo_autofree char *text = vuelo_response_text(response);
    bool answered = vuelo_check("rpc: status is 200", vuelo_response_status(response) == 200);
    bool well = vuelo_check("rpc: has a result", has_result(text));
    vuelo_rate_add(rpc_errors, !(answered && well));
    vuelo_duration duration;
    if (vuelo_response_duration(response, &duration))
        vuelo_trend_add_duration(rpc_duration, duration);
    vuelo_end_group();
}
