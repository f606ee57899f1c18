/// What a scenario in C includes.
///
/// A scenario defines the functions of the first section; the rest is what it
/// calls. The names are those of the contract (`wit/`): `request.set-header` of
/// the interface `http` is `vuelo_request_set_header`, `flow.sleep` is
/// `vuelo_sleep`. What each does in full is said there; here is said what C adds.
///
/// - Texts are UTF-8 and end with NUL. A text that is not UTF-8 is a trap.
/// - A `char *` that a function returns is the caller's: `free` it. A `const
///   char *` is not.
/// - A handle (`vuelo_request *`, `vuelo_response *`, …) is dropped with its
///   `_drop`, which takes NULL too. Responses and streams that are not dropped
///   pile up in the host until the instance ends.
/// - What can fail returns NULL, false or -1, and keeps the reason for
///   `vuelo_last_error`.
/// - A function of a response takes NULL for the answer that did not come: its
///   status is 0, it has no text, no headers and no duration.
/// - Memory that cannot be had is a trap.
/// - `vuelo_autofree char *text = …` and `vuelo_autodrop(response) answer = …` are
///   freed and dropped at the end of their block, also by `return`.
///
/// The generated bindings (`project.h`) can be used beside this:
/// `(vuelo_load_http_borrow_request_t){VUELO_HANDLE(request)}` is a request
/// there.
#ifndef VUELO_H
#define VUELO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "json.h"
#include "project.h"

#define VUELO_HANDLE(pointer) ((int32_t)(intptr_t)(pointer))
#define VUELO_FORMAT(text, values) __attribute__((format(printf, text, values)))

/// JSON without quoting its quotes: `VUELO_JSON({"vus": 5})` is a literal, also of
/// a format.
#define VUELO_JSON(...) #__VA_ARGS__

// What a scenario defines. -------------------------------------------------

// Those that can fail return NULL when all went well, and else why not: a text
// on the heap, as `vuelo_fail` and `vuelo_failure` make it.

/// The options, a JSON object; may call nothing of the host.
const char *scenario_options(void);

/// Once per virtual user: makes what lives as long as it does, in static
/// variables. `data` is what setup returned, and ends with this call.
char *scenario_start(const char *data);

/// One iteration of the flow `exec`.
char *scenario_iteration(const char *exec);

/// Where `exports` of vuelo.toml has `setup`: sets `*data` to a JSON text on the
/// heap.
char *scenario_setup(char **data);

/// Where `exports` of vuelo.toml has `teardown`.
char *scenario_teardown(const char *data);

/// Where `exports` of vuelo.toml has `summary`: calls `vuelo_output_…`.
char *scenario_summarize(const char *results);

/// Adds a text to the summary; each takes a copy.
void vuelo_output_stdout(const char *text);
void vuelo_output_stderr(const char *text);
void vuelo_output_file(const char *name, const char *text);

// Texts and errors. ---------------------------------------------------------

/// A text on the heap, as by `printf`.
char *vuelo_format(const char *format, ...) VUELO_FORMAT(1, 2);

/// The same, for `return vuelo_fail("…")`.
char *vuelo_fail(const char *format, ...) VUELO_FORMAT(1, 2);

/// The last error's text, for `return vuelo_failure()`.
char *vuelo_failure(void);

enum vuelo_error_kind {
    VUELO_NO_ERROR,
    VUELO_INVALID_REQUEST,
    VUELO_NOT_ALLOWED,
    VUELO_NAME_LOOKUP,
    VUELO_CONNECTION_REFUSED,
    VUELO_CONNECT,
    VUELO_TLS,
    VUELO_TIMEOUT,
    VUELO_CONNECTION_LOST,
    VUELO_MALFORMED_RESPONSE,
    VUELO_BODY_TOO_LARGE,
    VUELO_WRONG_CONTENT,
    VUELO_CLOSED,
    VUELO_BAD_ENCODING,
    VUELO_PROTOCOL,
    VUELO_OTHER,
    // Of WebSocket alone, which has no `invalid-request`.
    VUELO_INVALID,
    VUELO_REFUSED,
    VUELO_MESSAGE_TOO_LARGE,
};

struct vuelo_error {
    enum vuelo_error_kind kind;
    /// What happened, to what; never NULL after an error.
    char *text;
    /// Of a WebSocket that was refused, the answer's status code; else 0.
    uint16_t status;
    /// The beginning of that answer's body, followed by a NUL that does not count;
    /// else NULL.
    uint8_t *body;
    size_t body_length;
};

/// Why the last call that failed did; until the next that fails.
const struct vuelo_error *vuelo_last_error(void);

/// The kind in the contract's words: `connection-refused`.
const char *vuelo_error_name(enum vuelo_error_kind kind);

// Durations and tags. -------------------------------------------------------

/// Whole nanoseconds.
typedef uint64_t vuelo_duration;

#define VUELO_MILLISECONDS(n) ((vuelo_duration)(n) * 1000000)
#define VUELO_SECONDS(n) ((vuelo_duration)(n) * 1000000000)

struct vuelo_tag {
    const char *name;
    const char *value;
};

/// Tags as the functions `…_tagged` take them:
/// `VUELO_TAGS({"colour", "red"}, {"size", "l"})`. Instead, NULL is none.
#define VUELO_TAGS(...) ((const struct vuelo_tag[]){__VA_ARGS__, {NULL, NULL}})

// HTTP. ---------------------------------------------------------------------

typedef struct vuelo_secret vuelo_secret;
typedef struct vuelo_request vuelo_request;
typedef struct vuelo_response vuelo_response;
typedef struct vuelo_upload vuelo_upload;
typedef struct vuelo_event_stream vuelo_event_stream;
typedef struct vuelo_body_stream vuelo_body_stream;

/// A request for the URL that the format makes: `vuelo_get("%s/users", base)`.
/// For a URL that is no format, there is `vuelo_request_new`.
vuelo_request *vuelo_get(const char *format, ...) VUELO_FORMAT(1, 2);
vuelo_request *vuelo_post(const char *format, ...) VUELO_FORMAT(1, 2);
vuelo_request *vuelo_request_new(const char *method, const char *url);
void vuelo_request_drop(vuelo_request *request);

void vuelo_request_set_header(vuelo_request *request, const char *name, const char *value);
void vuelo_request_append_header(vuelo_request *request, const char *name, const char *value);
void vuelo_request_set_secret_header(vuelo_request *request, const char *name, const char *prefix,
                                     const vuelo_secret *secret);
void vuelo_request_set_text(vuelo_request *request, const char *body);
void vuelo_request_set_body(vuelo_request *request, const void *body, size_t length);
void vuelo_request_set_tag(vuelo_request *request, const char *name, const char *value);
void vuelo_request_set_timeout(vuelo_request *request, vuelo_duration timeout);
void vuelo_request_set_head_timeout(vuelo_request *request, vuelo_duration timeout);
void vuelo_request_set_idle_timeout(vuelo_request *request, vuelo_duration timeout);
/// One range of status codes, both included; several by the generated bindings.
void vuelo_request_set_expected_statuses(vuelo_request *request, uint16_t lowest, uint16_t highest);
void vuelo_request_set_unjudged(vuelo_request *request);
void vuelo_request_set_discard_body(vuelo_request *request, bool discard);
/// `fields` in the form of tags: `VUELO_TAGS({"user", "ada"})`.
void vuelo_request_set_form(vuelo_request *request, const struct vuelo_tag *fields);
void vuelo_request_set_basic_auth(vuelo_request *request, const char *user, const char *password);
void vuelo_request_set_secret_basic_auth(vuelo_request *request, const char *user,
                                         const vuelo_secret *password);
void vuelo_request_set_digest_auth(vuelo_request *request, const char *user, const char *password);
void vuelo_request_set_secret_digest_auth(vuelo_request *request, const char *user,
                                          const vuelo_secret *password);
void vuelo_request_set_cookie(vuelo_request *request, const char *name, const char *value);
void vuelo_request_set_max_redirects(vuelo_request *request, uint32_t redirects);
void vuelo_request_set_expect_continue(vuelo_request *request);

struct vuelo_form_part {
    const char *name;
    /// NULL where it is no file.
    const char *file_name;
    /// May be NULL.
    const char *content_type;
    const void *content;
    size_t length;
};

void vuelo_request_set_multipart(vuelo_request *request, const struct vuelo_form_part *parts,
                                 size_t count);

vuelo_response *vuelo_request_send(vuelo_request *request);
vuelo_response *vuelo_request_open(vuelo_request *request);
/// `length` may be NULL.
vuelo_upload *vuelo_request_upload(vuelo_request *request, const uint64_t *length);

/// One of `vuelo_send_all`: a response, or NULL and why.
struct vuelo_answer {
    vuelo_response *response;
    struct vuelo_error error;
};

/// Sends all at once, and fills as many answers, in the order of the requests.
void vuelo_send_all(vuelo_request *const *requests, size_t count, struct vuelo_answer *answers);
/// Drops the responses and frees the errors' texts, and not the array.
void vuelo_answers_drop(struct vuelo_answer *answers, size_t count);

bool vuelo_upload_write(vuelo_upload *upload, const void *piece, size_t length);
vuelo_response *vuelo_upload_finish(vuelo_upload *upload);
vuelo_response *vuelo_upload_open(vuelo_upload *upload);
void vuelo_upload_drop(vuelo_upload *upload);

/// A name and a value on the heap: a header, a cookie.
struct vuelo_pair {
    char *name;
    char *value;
};

/// Frees a list of them as a whole.
void vuelo_pairs_free(struct vuelo_pair *pairs, size_t count);

uint16_t vuelo_response_status(vuelo_response *response);
char *vuelo_response_url(vuelo_response *response);
/// NULL where there is none.
char *vuelo_response_header(vuelo_response *response, const char *name);
struct vuelo_pair *vuelo_response_headers(vuelo_response *response, size_t *count);
char *vuelo_response_protocol(vuelo_response *response);
/// NULL after an error. The bytes are followed by a NUL that does not count.
uint8_t *vuelo_response_body(vuelo_response *response, size_t *length);
/// NULL after an error.
char *vuelo_response_text(vuelo_response *response);
/// False where it was not measured.
bool vuelo_response_duration(vuelo_response *response, vuelo_duration *duration);

/// Each with `is_some` and `val`.
typedef vuelo_load_http_timings_t vuelo_timings;
vuelo_timings vuelo_response_timings(vuelo_response *response);

vuelo_event_stream *vuelo_response_events(vuelo_response *response);
vuelo_body_stream *vuelo_response_chunks(vuelo_response *response);
void vuelo_response_drop(vuelo_response *response);

struct vuelo_event {
    char *kind;
    char *data;
    char *id;
    vuelo_duration elapsed;
};

/// 1: `*event` is one, to be freed with `vuelo_event_free`. 0: the end. -1: an
/// error.
int vuelo_event_stream_next(vuelo_event_stream *stream, struct vuelo_event *event);
bool vuelo_event_stream_retry(vuelo_event_stream *stream, vuelo_duration *retry);
void vuelo_event_stream_drop(vuelo_event_stream *stream);
void vuelo_event_free(struct vuelo_event *event);

/// 1: `*piece` are `*length` bytes, to be freed, followed by a NUL that does not
/// count. 0: the end. -1: an error.
int vuelo_body_stream_next(vuelo_body_stream *stream, uint8_t **piece, size_t *length);
bool vuelo_body_stream_elapsed(vuelo_body_stream *stream, vuelo_duration *elapsed);
void vuelo_body_stream_drop(vuelo_body_stream *stream);

bool vuelo_set_cookie(const char *url, const char *cookie);
struct vuelo_pair *vuelo_cookies(const char *url, size_t *count);
void vuelo_delete_cookie(const char *url, const char *name);
void vuelo_clear_cookies(const char *url);

// WebSocket. ----------------------------------------------------------------

typedef struct vuelo_handshake vuelo_handshake;
typedef struct vuelo_socket vuelo_socket;

vuelo_handshake *vuelo_handshake_new(const char *url);
void vuelo_handshake_set_header(vuelo_handshake *handshake, const char *name, const char *value);
void vuelo_handshake_append_header(vuelo_handshake *handshake, const char *name, const char *value);
void vuelo_handshake_set_secret_header(vuelo_handshake *handshake, const char *name,
                                       const char *prefix, const vuelo_secret *secret);
void vuelo_handshake_set_basic_auth(vuelo_handshake *handshake, const char *user,
                                    const char *password);
void vuelo_handshake_set_secret_basic_auth(vuelo_handshake *handshake, const char *user,
                                           const vuelo_secret *password);
void vuelo_handshake_offer_subprotocol(vuelo_handshake *handshake, const char *name);
void vuelo_handshake_set_tag(vuelo_handshake *handshake, const char *name, const char *value);
void vuelo_handshake_set_timeout(vuelo_handshake *handshake, vuelo_duration timeout);
vuelo_socket *vuelo_handshake_open(vuelo_handshake *handshake);
void vuelo_handshake_drop(vuelo_handshake *handshake);

enum vuelo_message_kind {
    VUELO_MESSAGE_TEXT,
    VUELO_MESSAGE_BINARY,
    VUELO_MESSAGE_PONG,
    VUELO_MESSAGE_CLOSED,
};

struct vuelo_message {
    enum vuelo_message_kind kind;
    /// The text, the bytes or the reason of the closing, followed by a NUL that
    /// does not count; NULL of a pong.
    char *content;
    size_t length;
    /// Of a pong: how long it took.
    vuelo_duration duration;
    /// Of a closing.
    uint16_t code;
};

char *vuelo_socket_subprotocol(vuelo_socket *socket);
/// NULL where there is none.
char *vuelo_socket_header(vuelo_socket *socket, const char *name);
bool vuelo_socket_send_text(vuelo_socket *socket, const char *text);
bool vuelo_socket_send_binary(vuelo_socket *socket, const void *bytes, size_t length);
bool vuelo_socket_ping(vuelo_socket *socket);
/// 1: `*message` is one, whose content is to be freed. 0: none came within
/// `timeout`. -1: an error. `timeout` may be NULL.
int vuelo_socket_next(vuelo_socket *socket, const vuelo_duration *timeout,
                      struct vuelo_message *message);
bool vuelo_socket_answered_after(vuelo_socket *socket, vuelo_duration *duration);
bool vuelo_socket_close(vuelo_socket *socket, uint16_t code, const char *reason);
void vuelo_socket_drop(vuelo_socket *socket);

// Metrics and checks. -------------------------------------------------------

typedef struct vuelo_counter vuelo_counter;
typedef struct vuelo_gauge vuelo_gauge;
typedef struct vuelo_rate vuelo_rate;
typedef struct vuelo_trend vuelo_trend;

/// The metric of this name, which the options declare: made in
/// `scenario_start`, and kept.
vuelo_counter *vuelo_counter_new(const char *name);
vuelo_gauge *vuelo_gauge_new(const char *name);
vuelo_rate *vuelo_rate_new(const char *name);
vuelo_trend *vuelo_trend_new(const char *name);

void vuelo_counter_add(vuelo_counter *counter, double value);
void vuelo_gauge_set(vuelo_gauge *gauge, double value);
void vuelo_rate_add(vuelo_rate *rate, bool value);
void vuelo_trend_add(vuelo_trend *trend, double value);
void vuelo_trend_add_duration(vuelo_trend *trend, vuelo_duration value);

void vuelo_counter_add_tagged(vuelo_counter *counter, double value, const struct vuelo_tag *tags);
void vuelo_gauge_set_tagged(vuelo_gauge *gauge, double value, const struct vuelo_tag *tags);
void vuelo_rate_add_tagged(vuelo_rate *rate, bool value, const struct vuelo_tag *tags);
void vuelo_trend_add_tagged(vuelo_trend *trend, double value, const struct vuelo_tag *tags);
void vuelo_trend_add_duration_tagged(vuelo_trend *trend, vuelo_duration value,
                                     const struct vuelo_tag *tags);

void vuelo_counter_drop(vuelo_counter *counter);
void vuelo_gauge_drop(vuelo_gauge *gauge);
void vuelo_rate_drop(vuelo_rate *rate);
void vuelo_trend_drop(vuelo_trend *trend);

/// Records a check, and returns `passed`.
bool vuelo_check(const char *name, bool passed);
bool vuelo_check_tagged(const char *name, bool passed, const struct vuelo_tag *tags);

// The course of an iteration. -----------------------------------------------

void vuelo_sleep(vuelo_duration duration);
void vuelo_sleep_between(vuelo_duration shortest, vuelo_duration longest);
double vuelo_random(void);
void vuelo_begin_group(const char *name);
void vuelo_end_group(void);
void vuelo_set_tag(const char *name, const char *value);
void vuelo_remove_tag(const char *name);
uint32_t vuelo_vu(void);
uint64_t vuelo_vu_iteration(void);
uint64_t vuelo_scenario_iteration(void);
char *vuelo_scenario_name(void);
/// Ends the run, and does not return.
_Noreturn void vuelo_abort(const char *reason);
void vuelo_mark_failed(const char *reason);

// Configuration and log. ----------------------------------------------------

/// NULL where the key has no value.
char *vuelo_config_get(const char *key);
/// NULL where the key has no value or is no secret.
vuelo_secret *vuelo_config_get_secret(const char *key);
void vuelo_secret_drop(vuelo_secret *secret);

void vuelo_log_debug(const char *format, ...) VUELO_FORMAT(1, 2);
void vuelo_log_info(const char *format, ...) VUELO_FORMAT(1, 2);
void vuelo_log_warn(const char *format, ...) VUELO_FORMAT(1, 2);
void vuelo_log_error(const char *format, ...) VUELO_FORMAT(1, 2);

// The ends of blocks. -------------------------------------------------------

#define vuelo_autofree __attribute__((cleanup(vuelo_autofree_end)))
#define vuelo_autodrop(kind) __attribute__((cleanup(vuelo_##kind##_end))) vuelo_##kind *

static inline void vuelo_autofree_end(void *variable) { free(*(void **)variable); }

#define VUELO_AUTODROP(kind)                                                                       \
    static inline void vuelo_##kind##_end(vuelo_##kind **variable) {                               \
        vuelo_##kind##_drop(*variable);                                                            \
    }
VUELO_AUTODROP(secret)
VUELO_AUTODROP(request)
VUELO_AUTODROP(response)
VUELO_AUTODROP(upload)
VUELO_AUTODROP(event_stream)
VUELO_AUTODROP(body_stream)
VUELO_AUTODROP(handshake)
VUELO_AUTODROP(socket)
#undef VUELO_AUTODROP

#endif
