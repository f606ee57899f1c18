// Requests, responses, streams and cookies.

#include "memory.h"
#include "text.h"

#include <stdlib.h>

#define REQUEST(pointer) ((vuelo_load_http_borrow_request_t){VUELO_HANDLE(pointer)})
#define RESPONSE(pointer) ((vuelo_load_http_borrow_response_t){VUELO_HANDLE(pointer)})
#define UPLOAD(pointer) ((vuelo_load_http_borrow_upload_t){VUELO_HANDLE(pointer)})
#define EVENTS(pointer) ((vuelo_load_http_borrow_event_stream_t){VUELO_HANDLE(pointer)})
#define CHUNKS(pointer) ((vuelo_load_http_borrow_body_stream_t){VUELO_HANDLE(pointer)})
#define SECRET(pointer) ((vuelo_load_config_borrow_secret_t){VUELO_HANDLE(pointer)})
#define POINTER(own) ((void *)(intptr_t)(own).__handle)

static struct vuelo_error error_of(vuelo_load_http_error_t error) {
    // The kinds are in the contract's order, after `VUELO_NO_ERROR`, and all
    // cases with a text have it in the same place.
    enum vuelo_error_kind kind = (enum vuelo_error_kind)(error.tag + 1);
    char *text = kind == VUELO_CLOSED ? vuelo_format("closed: its iteration or its body has ended")
                                      : vuelo_taken(error.val.other);
    return (struct vuelo_error){.kind = kind, .text = text};
}

static void keep(vuelo_load_http_error_t error) { vuelo_keep_error(error_of(error)); }

static void keep_missing(void) {
    vuelo_keep_error((struct vuelo_error){.kind = VUELO_CLOSED,
                                          .text = vuelo_format("there is no response")});
}

vuelo_request *vuelo_request_new(const char *method, const char *url) {
    return POINTER(vuelo_load_http_constructor_request(VIEW(method), VIEW(url)));
}

static vuelo_request *new_request(const char *method, char *url) {
    vuelo_request *request = vuelo_request_new(method, url);
    free(url);
    return request;
}

vuelo_request *vuelo_get(const char *format, ...) {
    char *url;
    FORMATTED(url, format);
    return new_request("GET", url);
}

vuelo_request *vuelo_post(const char *format, ...) {
    char *url;
    FORMATTED(url, format);
    return new_request("POST", url);
}

void vuelo_request_drop(vuelo_request *request) {
    if (request)
        vuelo_load_http_request_drop_own((vuelo_load_http_own_request_t){VUELO_HANDLE(request)});
}

void vuelo_request_set_header(vuelo_request *request, const char *name, const char *value) {
    vuelo_load_http_method_request_set_header(REQUEST(request), VIEW(name), VIEW(value));
}

void vuelo_request_append_header(vuelo_request *request, const char *name, const char *value) {
    vuelo_load_http_method_request_append_header(REQUEST(request), VIEW(name), VIEW(value));
}

void vuelo_request_set_secret_header(vuelo_request *request, const char *name, const char *prefix,
                                     const vuelo_secret *secret) {
    vuelo_load_http_method_request_set_secret_header(REQUEST(request), VIEW(name), VIEW(prefix),
                                                     SECRET(secret));
}

void vuelo_request_set_text(vuelo_request *request, const char *body) {
    vuelo_load_http_method_request_set_text(REQUEST(request), VIEW(body));
}

void vuelo_request_set_body(vuelo_request *request, const void *body, size_t length) {
    vuelo_load_http_method_request_set_body(REQUEST(request), BYTES(body, length));
}

void vuelo_request_set_tag(vuelo_request *request, const char *name, const char *value) {
    vuelo_load_http_tag_t tag = {*VIEW(name), *VIEW(value)};
    vuelo_load_http_method_request_set_tag(REQUEST(request), &tag);
}

void vuelo_request_set_timeout(vuelo_request *request, vuelo_duration timeout) {
    vuelo_load_http_method_request_set_timeout(REQUEST(request), timeout);
}

void vuelo_request_set_head_timeout(vuelo_request *request, vuelo_duration timeout) {
    vuelo_load_http_method_request_set_head_timeout(REQUEST(request), timeout);
}

void vuelo_request_set_idle_timeout(vuelo_request *request, vuelo_duration timeout) {
    vuelo_load_http_method_request_set_idle_timeout(REQUEST(request), timeout);
}

void vuelo_request_set_expected_statuses(vuelo_request *request, uint16_t lowest,
                                         uint16_t highest) {
    vuelo_load_http_status_range_t range = {lowest, highest};
    vuelo_load_http_list_status_range_t list = {&range, 1};
    vuelo_load_http_method_request_set_expected_statuses(REQUEST(request), &list);
}

void vuelo_request_set_unjudged(vuelo_request *request) {
    vuelo_load_http_method_request_set_unjudged(REQUEST(request));
}

void vuelo_request_set_discard_body(vuelo_request *request, bool discard) {
    vuelo_load_http_method_request_set_discard_body(REQUEST(request), discard);
}

void vuelo_request_set_form(vuelo_request *request, const struct vuelo_tag *fields) {
    size_t count = vuelo_tags_count(fields);
    project_tuple2_string_string_t list[count + 1];
    for (size_t i = 0; i < count; i++)
        list[i] = (project_tuple2_string_string_t){*VIEW(fields[i].name), *VIEW(fields[i].value)};
    vuelo_load_http_method_request_set_form(REQUEST(request),
                                            &(project_list_tuple2_string_string_t){list, count});
}

static project_option_string_t optional(const char *text) {
    project_option_string_t option = {.is_some = text != NULL};
    if (text)
        vuelo_view(&option.val, text);
    return option;
}

void vuelo_request_set_multipart(vuelo_request *request, const struct vuelo_form_part *parts,
                                 size_t count) {
    vuelo_load_http_form_part_t list[count + 1];
    for (size_t i = 0; i < count; i++)
        list[i] = (vuelo_load_http_form_part_t){
            .name = *VIEW(parts[i].name),
            .file_name = optional(parts[i].file_name),
            .content_type = optional(parts[i].content_type),
            .content = *BYTES(parts[i].content, parts[i].length),
        };
    vuelo_load_http_method_request_set_multipart(REQUEST(request),
                                                 &(vuelo_load_http_list_form_part_t){list, count});
}

void vuelo_request_set_basic_auth(vuelo_request *request, const char *user, const char *password) {
    vuelo_load_http_method_request_set_basic_auth(REQUEST(request), VIEW(user), VIEW(password));
}

void vuelo_request_set_secret_basic_auth(vuelo_request *request, const char *user,
                                         const vuelo_secret *password) {
    vuelo_load_http_method_request_set_secret_basic_auth(REQUEST(request), VIEW(user),
                                                         SECRET(password));
}

void vuelo_request_set_digest_auth(vuelo_request *request, const char *user,
                                   const char *password) {
    vuelo_load_http_method_request_set_digest_auth(REQUEST(request), VIEW(user), VIEW(password));
}

void vuelo_request_set_secret_digest_auth(vuelo_request *request, const char *user,
                                          const vuelo_secret *password) {
    vuelo_load_http_method_request_set_secret_digest_auth(REQUEST(request), VIEW(user),
                                                          SECRET(password));
}

void vuelo_request_set_cookie(vuelo_request *request, const char *name, const char *value) {
    vuelo_load_http_method_request_set_cookie(REQUEST(request), VIEW(name), VIEW(value));
}

void vuelo_request_set_max_redirects(vuelo_request *request, uint32_t redirects) {
    vuelo_load_http_method_request_set_max_redirects(REQUEST(request), redirects);
}

void vuelo_request_set_expect_continue(vuelo_request *request) {
    vuelo_load_http_method_request_set_expect_continue(REQUEST(request));
}

vuelo_response *vuelo_request_send(vuelo_request *request) {
    vuelo_load_http_own_response_t response;
    vuelo_load_http_error_t error;
    if (vuelo_load_http_method_request_send(REQUEST(request), &response, &error))
        return POINTER(response);
    keep(error);
    return NULL;
}

vuelo_response *vuelo_request_open(vuelo_request *request) {
    vuelo_load_http_own_response_t response;
    vuelo_load_http_error_t error;
    if (vuelo_load_http_method_request_open(REQUEST(request), &response, &error))
        return POINTER(response);
    keep(error);
    return NULL;
}

vuelo_upload *vuelo_request_upload(vuelo_request *request, const uint64_t *length) {
    vuelo_load_http_own_upload_t upload;
    vuelo_load_http_error_t error;
    if (vuelo_load_http_method_request_upload(REQUEST(request), (uint64_t *)length, &upload,
                                              &error))
        return POINTER(upload);
    keep(error);
    return NULL;
}

void vuelo_send_all(vuelo_request *const *requests, size_t count, struct vuelo_answer *answers) {
    vuelo_load_http_borrow_request_t *list = vuelo_allocate(count * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = REQUEST(requests[i]);
    vuelo_load_http_list_result_own_response_error_t results;
    vuelo_load_http_send_all(&(vuelo_load_http_list_borrow_request_t){list, count}, &results);
    free(list);
    for (size_t i = 0; i < results.len; i++) {
        vuelo_load_http_result_own_response_error_t result = results.ptr[i];
        answers[i] = result.is_err ? (struct vuelo_answer){.error = error_of(result.val.err)}
                                   : (struct vuelo_answer){.response = POINTER(result.val.ok)};
    }
    if (results.len > 0)
        free(results.ptr);
}

void vuelo_answers_drop(struct vuelo_answer *answers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        vuelo_response_drop(answers[i].response);
        free(answers[i].error.text);
    }
}

bool vuelo_upload_write(vuelo_upload *upload, const void *piece, size_t length) {
    vuelo_load_http_error_t error;
    if (vuelo_load_http_method_upload_write(UPLOAD(upload), BYTES(piece, length), &error))
        return true;
    keep(error);
    return false;
}

vuelo_response *vuelo_upload_finish(vuelo_upload *upload) {
    vuelo_load_http_own_response_t response;
    vuelo_load_http_error_t error;
    if (vuelo_load_http_method_upload_finish(UPLOAD(upload), &response, &error))
        return POINTER(response);
    keep(error);
    return NULL;
}

vuelo_response *vuelo_upload_open(vuelo_upload *upload) {
    vuelo_load_http_own_response_t response;
    vuelo_load_http_error_t error;
    if (vuelo_load_http_method_upload_open(UPLOAD(upload), &response, &error))
        return POINTER(response);
    keep(error);
    return NULL;
}

void vuelo_upload_drop(vuelo_upload *upload) {
    if (upload)
        vuelo_load_http_upload_drop_own((vuelo_load_http_own_upload_t){VUELO_HANDLE(upload)});
}

uint16_t vuelo_response_status(vuelo_response *response) {
    return response ? vuelo_load_http_method_response_status(RESPONSE(response)) : 0;
}

char *vuelo_response_url(vuelo_response *response) {
    project_string_t url = {0};
    if (response)
        vuelo_load_http_method_response_url(RESPONSE(response), &url);
    return vuelo_taken(url);
}

char *vuelo_response_header(vuelo_response *response, const char *name) {
    project_string_t value;
    if (!response ||
        !vuelo_load_http_method_response_header(RESPONSE(response), VIEW(name), &value))
        return NULL;
    return vuelo_taken(value);
}

struct vuelo_pair *vuelo_response_headers(vuelo_response *response, size_t *count) {
    project_list_tuple2_string_string_t headers = {0};
    if (response)
        vuelo_load_http_method_response_headers(RESPONSE(response), &headers);
    return vuelo_taken_pairs(headers, count);
}

char *vuelo_response_protocol(vuelo_response *response) {
    project_string_t protocol = {0};
    if (response)
        vuelo_load_http_method_response_protocol(RESPONSE(response), &protocol);
    return vuelo_taken(protocol);
}

uint8_t *vuelo_response_body(vuelo_response *response, size_t *length) {
    project_list_u8_t body;
    vuelo_load_http_error_t error;
    *length = 0;
    if (!response) {
        keep_missing();
        return NULL;
    }
    if (!vuelo_load_http_method_response_body(RESPONSE(response), &body, &error)) {
        keep(error);
        return NULL;
    }
    *length = body.len;
    return vuelo_taken_bytes(body);
}

char *vuelo_response_text(vuelo_response *response) {
    project_string_t text;
    vuelo_load_http_error_t error;
    if (!response) {
        keep_missing();
        return NULL;
    }
    if (!vuelo_load_http_method_response_text(RESPONSE(response), &text, &error)) {
        keep(error);
        return NULL;
    }
    return vuelo_taken(text);
}

bool vuelo_response_duration(vuelo_response *response, vuelo_duration *duration) {
    return response && vuelo_load_http_method_response_duration(RESPONSE(response), duration);
}

vuelo_timings vuelo_response_timings(vuelo_response *response) {
    vuelo_timings timings = {0};
    if (response)
        vuelo_load_http_method_response_timings(RESPONSE(response), &timings);
    return timings;
}

vuelo_event_stream *vuelo_response_events(vuelo_response *response) {
    vuelo_load_http_own_event_stream_t stream;
    vuelo_load_http_error_t error;
    if (!response) {
        keep_missing();
        return NULL;
    }
    if (vuelo_load_http_method_response_events(RESPONSE(response), &stream, &error))
        return POINTER(stream);
    keep(error);
    return NULL;
}

vuelo_body_stream *vuelo_response_chunks(vuelo_response *response) {
    vuelo_load_http_own_body_stream_t stream;
    vuelo_load_http_error_t error;
    if (!response) {
        keep_missing();
        return NULL;
    }
    if (vuelo_load_http_method_response_chunks(RESPONSE(response), &stream, &error))
        return POINTER(stream);
    keep(error);
    return NULL;
}

void vuelo_response_drop(vuelo_response *response) {
    if (response)
        vuelo_load_http_response_drop_own((vuelo_load_http_own_response_t){VUELO_HANDLE(response)});
}

int vuelo_event_stream_next(vuelo_event_stream *stream, struct vuelo_event *event) {
    vuelo_load_http_option_event_t next;
    vuelo_load_http_error_t error;
    if (!vuelo_load_http_method_event_stream_next(EVENTS(stream), &next, &error)) {
        keep(error);
        return -1;
    }
    if (!next.is_some)
        return 0;
    *event = (struct vuelo_event){
        .kind = vuelo_taken(next.val.kind),
        .data = vuelo_taken(next.val.data),
        .id = vuelo_taken(next.val.id),
        .elapsed = next.val.elapsed,
    };
    return 1;
}

bool vuelo_event_stream_retry(vuelo_event_stream *stream, vuelo_duration *retry) {
    return vuelo_load_http_method_event_stream_retry(EVENTS(stream), retry);
}

void vuelo_event_stream_drop(vuelo_event_stream *stream) {
    if (stream)
        vuelo_load_http_event_stream_drop_own(
            (vuelo_load_http_own_event_stream_t){VUELO_HANDLE(stream)});
}

void vuelo_event_free(struct vuelo_event *event) {
    free(event->kind);
    free(event->data);
    free(event->id);
}

int vuelo_body_stream_next(vuelo_body_stream *stream, uint8_t **piece, size_t *length) {
    project_option_list_u8_t next;
    vuelo_load_http_error_t error;
    if (!vuelo_load_http_method_body_stream_next(CHUNKS(stream), &next, &error)) {
        keep(error);
        return -1;
    }
    if (!next.is_some)
        return 0;
    *piece = vuelo_taken_bytes(next.val);
    *length = next.val.len;
    return 1;
}

bool vuelo_body_stream_elapsed(vuelo_body_stream *stream, vuelo_duration *elapsed) {
    return vuelo_load_http_method_body_stream_elapsed(CHUNKS(stream), elapsed);
}

void vuelo_body_stream_drop(vuelo_body_stream *stream) {
    if (stream)
        vuelo_load_http_body_stream_drop_own(
            (vuelo_load_http_own_body_stream_t){VUELO_HANDLE(stream)});
}

bool vuelo_set_cookie(const char *url, const char *cookie) {
    vuelo_load_http_error_t error;
    if (vuelo_load_http_set_cookie(VIEW(url), VIEW(cookie), &error))
        return true;
    keep(error);
    return false;
}

struct vuelo_pair *vuelo_cookies(const char *url, size_t *count) {
    project_list_tuple2_string_string_t cookies;
    vuelo_load_http_cookies(VIEW(url), &cookies);
    return vuelo_taken_pairs(cookies, count);
}

void vuelo_delete_cookie(const char *url, const char *name) {
    vuelo_load_http_delete_cookie(VIEW(url), VIEW(name));
}

void vuelo_clear_cookies(const char *url) { vuelo_load_http_clear_cookies(VIEW(url)); }
