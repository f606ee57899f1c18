#include "discovery.h"

static vuelo_request *card;
static vuelo_request *listing;
static vuelo_counter *agents_found;

static vuelo_request *discovery_request(const char *base, const char *path, const char *agent) {
    vuelo_request *request = vuelo_get("%s/.well-known/%s", base, path);
    vuelo_request_set_tag(request, "endpoint", "discovery");
    vuelo_request_set_tag(request, "agent", agent);
    return request;
}

void discovery_start(const char *base) {
    card = discovery_request(base, "agent-card.json", "global");
    listing = discovery_request(base, "agents", "listing");
    agents_found = vuelo_counter_new("agents_found");
}

static void ask_for_card(void) {
    vuelo_autodrop(response) response = vuelo_request_send(card);
    vuelo_autofree char *text = vuelo_response_text(response);
    struct vuelo_json name = vuelo_json_member(vuelo_json_parse(text), "name");
    vuelo_check("discovery: status is 200", vuelo_response_status(response) == 200);
    vuelo_check("discovery: has a name", vuelo_json_kind(name) == VUELO_JSON_STRING);
}

static void ask_for_agents(void) {
    vuelo_autodrop(response) response = vuelo_request_send(listing);
    vuelo_autofree char *text = vuelo_response_text(response);
    struct vuelo_json agents = vuelo_json_member(vuelo_json_parse(text), "agents");
    size_t count = vuelo_json_kind(agents) == VUELO_JSON_ARRAY ? vuelo_json_count(agents) : 0;
    vuelo_check("discovery: status is 200", vuelo_response_status(response) == 200);
    vuelo_check("discovery: lists agents", count > 0);
    vuelo_counter_add(agents_found, (double)count);
}

void discovery_run(void) {
    vuelo_begin_group("discovery");
    ask_for_card();
    vuelo_sleep_between(VUELO_MILLISECONDS(10), VUELO_MILLISECONDS(30));
    ask_for_agents();
    vuelo_end_group();
}
