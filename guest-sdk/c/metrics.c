// The scenario's own metrics, and checks.

#include "memory.h"

// Each kind of metric, but for how a sample is added.
#define METRIC(kind)                                                                               \
    vuelo_##kind *vuelo_##kind##_new(const char *name) {                                           \
        vuelo_load_metrics_own_##kind##_t own = vuelo_load_metrics_constructor_##kind(VIEW(name)); \
        return (vuelo_##kind *)(intptr_t)own.__handle;                                             \
    }                                                                                              \
    void vuelo_##kind##_drop(vuelo_##kind *metric) {                                               \
        if (metric)                                                                                \
            vuelo_load_metrics_##kind##_drop_own(                                                  \
                (vuelo_load_metrics_own_##kind##_t){VUELO_HANDLE(metric)});                        \
    }

// A way to add a sample, with tags and without.
#define SAMPLE(kind, add, type)                                                                    \
    void vuelo_##kind##_##add##_tagged(vuelo_##kind *metric, type value,                           \
                                       const struct vuelo_tag *tags) {                             \
        size_t count = vuelo_tags_count(tags);                                                     \
        vuelo_load_metrics_tag_t list[count + 1];                                                  \
        vuelo_tags_view(tags, count, list);                                                        \
        vuelo_load_metrics_method_##kind##_##add(                                                  \
            (vuelo_load_metrics_borrow_##kind##_t){VUELO_HANDLE(metric)}, value,                   \
            &(vuelo_load_metrics_list_tag_t){list, count});                                        \
    }                                                                                              \
    void vuelo_##kind##_##add(vuelo_##kind *metric, type value) {                                  \
        vuelo_##kind##_##add##_tagged(metric, value, NULL);                                        \
    }

METRIC(counter)
SAMPLE(counter, add, double)

METRIC(gauge)
SAMPLE(gauge, set, double)

METRIC(rate)
SAMPLE(rate, add, bool)

METRIC(trend)
SAMPLE(trend, add, double)
SAMPLE(trend, add_duration, vuelo_duration)

bool vuelo_check(const char *name, bool passed) { return vuelo_check_tagged(name, passed, NULL); }

bool vuelo_check_tagged(const char *name, bool passed, const struct vuelo_tag *tags) {
    size_t count = vuelo_tags_count(tags);
    vuelo_load_checks_tag_t list[count + 1];
    vuelo_tags_view(tags, count, list);
    vuelo_load_checks_list_tag_t all = {list, count};
    vuelo_load_checks_record_check(VIEW(name), passed, &all);
    return passed;
}
