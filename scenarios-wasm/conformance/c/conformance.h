/// What the flows of the test plan for guests share. The plan is
/// docs/guest-conformance.md.
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include "vuelo.h"

/// Ends the flow with the last error where a call failed.
#define TRY(call)                                                                                  \
    do {                                                                                           \
        if (!(call))                                                                               \
            return vuelo_failure();                                                                \
    } while (0)

/// What a guest saw: `say("status=%d", 200)`.
#define say vuelo_log_debug

static inline const char *yes(bool holds) { return holds ? "true" : "false"; }
static inline const char *or_none(const char *text) { return text ? text : "none"; }

/// One flow of the plan.
struct flow {
    const char *name;
    char *(*run)(void);
};

/// Each file's flows, which end with one without a name.
extern const struct flow request_flows[];
extern const struct flow stream_flows[];
extern const struct flow metric_flows[];
extern const struct flow course_flows[];
extern const struct flow limit_flows[];

/// `BASE_URL` without a slash at its end.
extern char *base;
/// `exec` of this iteration.
extern const char *exec;
/// What setup returned.
extern struct vuelo_json data;

/// The metrics of the options.
extern vuelo_counter *things;
extern vuelo_gauge *level;
extern vuelo_rate *share;
extern vuelo_trend *lengths;
extern vuelo_trend *sizes;

/// What `start` makes in the case of handles.
extern vuelo_request *kept_request;
/// `GET B/echo` with the secret.
char *make_secret_request(vuelo_request **request);

/// A message, and the end: C has no exceptions.
_Noreturn void throws_deliberately(void);

/// The texts of a list, sorted where that is asked for, with commas between.
char *joined(const char **texts, size_t count, bool sorted);
/// The same of an array in JSON: strings as text, the rest as it stands.
char *joined_items(struct vuelo_json array);

#endif
