// Metrics and checks.

#include "conformance.h"

#include <float.h>
#include <math.h>

static char *metrics(void) {
    vuelo_counter_add(things, 1);
    vuelo_counter_add_tagged(things, 2.5, VUELO_TAGS({"colour", "red"}));
    vuelo_gauge_set(level, 5);
    vuelo_gauge_set(level, -3.5);
    vuelo_rate_add(share, true);
    vuelo_rate_add(share, false);
    vuelo_rate_add(share, false);
    vuelo_trend_add(lengths, 0.25);
    vuelo_trend_add_duration(lengths, 1500000);
    vuelo_trend_add(sizes, 1048576);
    return NULL;
}

static char *f64(void) {
    vuelo_gauge_set_tagged(level, DBL_MAX, VUELO_TAGS({"edge", "max"}));
    vuelo_gauge_set_tagged(level, -DBL_MAX, VUELO_TAGS({"edge", "min"}));
    vuelo_gauge_set_tagged(level, DBL_TRUE_MIN, VUELO_TAGS({"edge", "tiny"}));
    vuelo_gauge_set_tagged(level, 0.1, VUELO_TAGS({"edge", "third"}));
    vuelo_gauge_set_tagged(level, 9007199254740991, VUELO_TAGS({"edge", "whole"}));
    vuelo_gauge_set_tagged(level, -0.0, VUELO_TAGS({"edge", "zero"}));
    return NULL;
}

static char *u64(void) {
    vuelo_trend_add_duration(lengths, 9007199254740993);
    return NULL;
}

static char *nonsense(void) {
    vuelo_counter_add(things, -1);
    vuelo_counter_add(things, NAN);
    vuelo_counter_add(things, INFINITY);
    return NULL;
}

static char *undeclared_metric(void) {
    vuelo_counter_add(vuelo_counter_new("nobody"), 1);
    return NULL;
}

static char *wrong_metric(void) {
    vuelo_counter_new("level");
    return NULL;
}

static char *checks(void) {
    vuelo_check("holds", true);
    vuelo_check("holds", false);
    vuelo_check_tagged("Grüße 🦉", true, VUELO_TAGS({"colour", "red"}));
    return NULL;
}

const struct flow metric_flows[] = {
    {"metrics", metrics},
    {"f64", f64},
    {"u64", u64},
    {"nonsense", nonsense},
    {"undeclared-metric", undeclared_metric},
    {"wrong-metric", wrong_metric},
    {"checks", checks},
    {NULL, NULL},
};
