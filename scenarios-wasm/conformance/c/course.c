// The course of an iteration, and how it ends.

#include "conformance.h"

#include <string.h>

static char *nothing(void) { return NULL; }

static char *error(void) { return vuelo_fail("this one fails: Grüße"); }

static char *say_exec(void) {
    say("exec=%s", exec);
    return NULL;
}

static char *setup_data(void) {
    vuelo_autofree char *text = vuelo_json_string(vuelo_json_member(data, "text"));
    vuelo_autofree char *padding = vuelo_json_string(vuelo_json_member(data, "padding"));
    vuelo_autofree char *numbers = joined_items(vuelo_json_member(data, "numbers"));
    struct vuelo_json nested = vuelo_json_member(data, "nested");
    if (!padding)
        return vuelo_fail("no padding");
    say("text=%s", or_none(text));
    say("padding=%zu", strlen(padding));
    say("numbers=%s", numbers);
    say("nothing=%s", yes(vuelo_json_kind(vuelo_json_member(data, "nothing")) == VUELO_JSON_NULL));
    say("nested=%s", yes(vuelo_json_count(vuelo_json_member(nested, "list")) == 2 &&
                         vuelo_json_is_true(vuelo_json_member(nested, "yes"))));
    return NULL;
}

static char *groups(void) {
    vuelo_begin_group("outer");
    vuelo_check("in outer", true);
    vuelo_begin_group("inner");
    vuelo_check("in inner", true);
    vuelo_end_group();
    vuelo_end_group();
    vuelo_begin_group("left-open");
    vuelo_check("in left-open", true);
    return NULL;
}

static char *tags(void) {
    if (vuelo_vu_iteration() > 0) {
        vuelo_counter_add(things, 1);
        return NULL;
    }
    vuelo_set_tag("passing", "1");
    vuelo_counter_add(things, 1);
    vuelo_remove_tag("passing");
    vuelo_counter_add(things, 1);
    vuelo_set_tag("passing", "2");
    return NULL;
}

static char *numbers(void) {
    vuelo_autofree char *name = vuelo_scenario_name();
    say("numbers=%u,%llu,%llu,%s", vuelo_vu(), vuelo_vu_iteration(), vuelo_scenario_iteration(),
        name);
    return NULL;
}

static char *draws(void) {
    vuelo_gauge_set_tagged(level, vuelo_random(), VUELO_TAGS({"draw", "1"}));
    vuelo_gauge_set_tagged(level, vuelo_random(), VUELO_TAGS({"draw", "2"}));
    vuelo_gauge_set_tagged(level, vuelo_random(), VUELO_TAGS({"draw", "3"}));
    return NULL;
}

static char *sleeps(void) {
    vuelo_sleep(VUELO_MILLISECONDS(30));
    vuelo_sleep_between(VUELO_MILLISECONDS(20), VUELO_MILLISECONDS(40));
    vuelo_sleep_between(VUELO_MILLISECONDS(10), VUELO_MILLISECONDS(5));
    vuelo_sleep(0);
    return NULL;
}

static char *aborts(void) {
    // By the generated binding, since the compiler knows that `vuelo_abort` does
    // not return.
    project_string_t reason;
    project_string_set(&reason, "enough: Grüße");
    vuelo_load_flow_abort(&reason);
    say("after=abort");
    return NULL;
}

static char *mark_failed(void) {
    vuelo_mark_failed("not good: Grüße");
    say("after=true");
    return NULL;
}

static char *logs(void) {
    vuelo_log_debug("debug: Grüße 世界 🦉");
    vuelo_log_info("info: Grüße 世界 🦉");
    vuelo_log_warn("warn: Grüße 世界 🦉");
    vuelo_log_error("error: Grüße 世界 🦉");
    return NULL;
}

static char *strings(void) {
    enum { TIMES = 65536 };
    say("empty=");
    // By the generated binding: the SDK's texts end at a NUL.
    static const char nul[] = "nul=a\0b";
    vuelo_load_log_write(VUELO_LOAD_LOG_LEVEL_DEBUG,
                         &(project_string_t){(uint8_t *)nul, sizeof nul - 1});
    vuelo_autofree char *text = malloc(2 * TIMES + 1);
    if (!text)
        return vuelo_fail("no memory");
    for (size_t i = 0; i < TIMES; i++)
        memcpy(text + 2 * i, "ü", 2);
    text[2 * TIMES] = '\0';
    say("long=%s", text);
    return NULL;
}

const struct flow course_flows[] = {
    {"nothing", nothing},
    {"error", error},
    {"exec", say_exec},
    {"setup-data", setup_data},
    {"groups", groups},
    {"tags", tags},
    {"numbers", numbers},
    {"random", draws},
    {"sleep", sleeps},
    {"abort", aborts},
    {"mark-failed", mark_failed},
    {"log", logs},
    {"strings", strings},
    {NULL, NULL},
};
