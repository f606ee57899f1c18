// The course of an iteration.

#include "memory.h"

#include <stdlib.h>

void vuelo_sleep(vuelo_duration duration) { vuelo_load_flow_sleep(duration); }

void vuelo_sleep_between(vuelo_duration shortest, vuelo_duration longest) {
    vuelo_load_flow_sleep_between(shortest, longest);
}

double vuelo_random(void) { return vuelo_load_flow_random(); }

void vuelo_begin_group(const char *name) { vuelo_load_flow_begin_group(VIEW(name)); }

void vuelo_end_group(void) { vuelo_load_flow_end_group(); }

void vuelo_set_tag(const char *name, const char *value) {
    vuelo_load_flow_set_tag(&(vuelo_load_flow_tag_t){*VIEW(name), *VIEW(value)});
}

void vuelo_remove_tag(const char *name) { vuelo_load_flow_remove_tag(VIEW(name)); }

uint32_t vuelo_vu(void) { return vuelo_load_flow_vu(); }

uint64_t vuelo_vu_iteration(void) { return vuelo_load_flow_vu_iteration(); }

uint64_t vuelo_scenario_iteration(void) { return vuelo_load_flow_scenario_iteration(); }

char *vuelo_scenario_name(void) {
    project_string_t name;
    vuelo_load_flow_scenario_name(&name);
    return vuelo_taken(name);
}

_Noreturn void vuelo_abort(const char *reason) {
    vuelo_load_flow_abort(VIEW(reason));
    abort();
}

void vuelo_mark_failed(const char *reason) { vuelo_load_flow_mark_failed(VIEW(reason)); }
