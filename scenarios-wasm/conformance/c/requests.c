// Configuration, requests and answers.

#include "conformance.h"

#include <string.h>

// The text of what `/echo` says came, and that as JSON.
static char *echo_of(vuelo_request *request, struct vuelo_json *echo) {
    vuelo_autodrop(response) response = vuelo_request_send(request);
    char *text = vuelo_response_text(response);
    *echo = vuelo_json_parse(text);
    return text;
}

// All values of a header that came.
static struct vuelo_json header_of(struct vuelo_json echo, const char *name) {
    return vuelo_json_member(vuelo_json_member(echo, "headers"), name);
}

static char *first_header_of(struct vuelo_json echo, const char *name) {
    return vuelo_json_string(vuelo_json_item(header_of(echo, name), 0));
}

static char *config(void) {
    vuelo_autofree char *greeting = vuelo_config_get("GREETING");
    vuelo_autofree char *absent = vuelo_config_get("ABSENT");
    vuelo_autofree char *undeclared = vuelo_config_get("NOBODY");
    vuelo_autofree char *secret = vuelo_config_get("TOKEN");
    say("greeting=%s", or_none(greeting));
    say("absent=%s", or_none(absent));
    say("undeclared=%s", or_none(undeclared));
    say("secret=%s", or_none(secret));
    say("no-secret=%s", yes(vuelo_config_get_secret("GREETING") == NULL));
    return NULL;
}

static char *say_authorization(vuelo_request *request) {
    struct vuelo_json echo;
    vuelo_autofree char *text = echo_of(request, &echo);
    TRY(text);
    vuelo_autofree char *value = first_header_of(echo, "authorization");
    say("authorization=%s", or_none(value));
    return NULL;
}

vuelo_request *kept_request;

char *make_secret_request(vuelo_request **request) {
    vuelo_autodrop(secret) token = vuelo_config_get_secret("TOKEN");
    if (!token)
        return vuelo_fail("no TOKEN");
    *request = vuelo_get("%s/echo", base);
    vuelo_request_set_secret_header(*request, "authorization", "Bearer ", token);
    return NULL;
}

static char *secret(void) {
    vuelo_autodrop(request) request = NULL;
    char *failure = make_secret_request(&request);
    return failure ? failure : say_authorization(request);
}

static char *handles(void) {
    char *failure = say_authorization(kept_request);
    vuelo_counter_add(things, 1);
    return failure;
}

static char *get(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/text", base);
    vuelo_autodrop(response) response = vuelo_request_send(request);
    TRY(response);
    vuelo_autofree char *url = vuelo_response_url(response);
    vuelo_autofree char *greeting = vuelo_response_header(response, "X-Greeting");
    vuelo_autofree char *missing = vuelo_response_header(response, "x-missing");
    vuelo_autofree char *protocol = vuelo_response_protocol(response);
    vuelo_autofree char *text = vuelo_response_text(response);
    size_t length;
    vuelo_autofree uint8_t *body = vuelo_response_body(response, &length);
    TRY(text && body);

    size_t count;
    struct vuelo_pair *headers = vuelo_response_headers(response, &count);
    const char *values[count + 1];
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(headers[i].name, "x-twice") == 0)
            values[found++] = headers[i].value;
    vuelo_autofree char *twice = joined(values, found, false);
    vuelo_pairs_free(headers, count);

    say("status=%d", vuelo_response_status(response));
    say("url=%s", url);
    say("greeting=%s", or_none(greeting));
    say("missing=%s", or_none(missing));
    say("twice=%s", twice);
    say("protocol=%s", protocol);
    say("text=%s", text);
    say("length=%zu", length);
    return NULL;
}

static char *post(void) {
    vuelo_autodrop(request) request = vuelo_post("%s/echo?q=1", base);
    vuelo_request_set_header(request, "x-one", "1");
    vuelo_request_set_header(request, "x-one", "2");
    vuelo_request_append_header(request, "x-two", "a");
    vuelo_request_append_header(request, "x-two", "b");
    vuelo_request_set_header(request, "content-type", "text/plain");
    vuelo_request_set_text(request, "Grüße, 世界 🦉");
    struct vuelo_json echo;
    vuelo_autofree char *text = echo_of(request, &echo);
    TRY(text);
    vuelo_autofree char *method = vuelo_json_string(vuelo_json_member(echo, "method"));
    vuelo_autofree char *path = vuelo_json_string(vuelo_json_member(echo, "path"));
    vuelo_autofree char *one = joined_items(header_of(echo, "x-one"));
    vuelo_autofree char *two = joined_items(header_of(echo, "x-two"));
    vuelo_autofree char *body = vuelo_json_string(vuelo_json_member(echo, "body"));
    say("method=%s", or_none(method));
    say("path=%s", or_none(path));
    say("one=%s", one);
    say("two=%s", two);
    say("body=%s", or_none(body));
    return NULL;
}

static char *bytes(void) {
    uint8_t all[256];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    vuelo_autodrop(request) request = vuelo_post("%s/mirror", base);
    vuelo_request_set_body(request, all, sizeof all);
    vuelo_autodrop(response) response = vuelo_request_send(request);
    size_t length;
    vuelo_autofree uint8_t *body = vuelo_response_body(response, &length);
    TRY(response && body);
    say("length=%zu", length);
    say("same=%s", yes(length == sizeof all && memcmp(body, all, length) == 0));
    return NULL;
}

static char *large(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/bytes/1048576", base);
    vuelo_autodrop(response) response = vuelo_request_send(request);
    TRY(response);
    size_t length;
    vuelo_autofree uint8_t *body = vuelo_response_body(response, &length);
    TRY(body);
    say("length=%zu", length);
    say("last=%d", length > 0 ? body[length - 1] : -1);
    return NULL;
}

// What both kinds of forms say: the content type before its `;` too.
static char *say_form(vuelo_request *request, bool whole) {
    struct vuelo_json echo;
    vuelo_autofree char *text = echo_of(request, &echo);
    TRY(text);
    vuelo_autofree char *type = first_header_of(echo, "content-type");
    vuelo_autofree char *body = vuelo_json_string(vuelo_json_member(echo, "body"));
    if (!type || !body)
        return vuelo_fail("no form came: %s", text);
    if (whole) {
        say("type=%s", type);
        say("body=%s", body);
    } else {
        say("type=%.*s", (int)strcspn(type, ";"), type);
        say("has=%s", yes(strstr(body, "name=\"a\"") && strstr(body, "filename=\"f.bin\"") &&
                          strstr(body, "Grüße")));
    }
    return NULL;
}

static char *form(void) {
    vuelo_autodrop(request) request = vuelo_post("%s/echo", base);
    vuelo_request_set_form(request, VUELO_TAGS({"a", "1 & 2"}, {"b", "ü"}));
    return say_form(request, true);
}

static char *multipart(void) {
    vuelo_autodrop(request) request = vuelo_post("%s/echo", base);
    const struct vuelo_form_part parts[] = {
        {.name = "a", .content = "1", .length = 1},
        {.name = "f",
         .file_name = "f.bin",
         .content_type = "application/x-f",
         .content = "Grüße",
         .length = strlen("Grüße")},
    };
    vuelo_request_set_multipart(request, parts, 2);
    return say_form(request, false);
}

static char *basic(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/echo", base);
    vuelo_request_set_basic_auth(request, "ada", "secret");
    return say_authorization(request);
}

static char *cookies(void) {
    TRY(vuelo_set_cookie(base, "one=1; Path=/"));
    TRY(vuelo_set_cookie(base, "two=2; Path=/"));
    vuelo_autodrop(request) request = vuelo_get("%s/echo", base);
    vuelo_request_set_cookie(request, "three", "3");
    struct vuelo_json echo;
    vuelo_autofree char *text = echo_of(request, &echo);
    TRY(text);
    vuelo_autofree char *sent = first_header_of(echo, "cookie");
    const char *pairs[8];
    size_t found = 0;
    for (char *pair = strtok(sent, "; "); pair && found < 8; pair = strtok(NULL, "; "))
        pairs[found++] = pair;
    vuelo_autofree char *sorted = joined(pairs, found, true);
    say("sent=%s", sorted);

    vuelo_delete_cookie(base, "one");
    size_t count;
    struct vuelo_pair *left = vuelo_cookies(base, &count);
    char *texts[count + 1];
    for (size_t i = 0; i < count; i++)
        texts[i] = vuelo_format("%s=%s", left[i].name, left[i].value);
    vuelo_pairs_free(left, count);
    vuelo_autofree char *rest = joined((const char **)texts, count, true);
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    say("left=%s", rest);

    vuelo_clear_cookies(base);
    vuelo_pairs_free(vuelo_cookies(base, &count), 0);
    say("cleared=%zu", count);
    return NULL;
}

static char *redirect(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/redirect", base);
    vuelo_autodrop(response) followed = vuelo_request_send(request);
    TRY(followed);
    vuelo_autofree char *url = vuelo_response_url(followed);
    say("status=%d", vuelo_response_status(followed));
    say("url=%s", url);

    vuelo_request_set_max_redirects(request, 0);
    vuelo_autodrop(response) unfollowed = vuelo_request_send(request);
    TRY(unfollowed);
    vuelo_autofree char *location = vuelo_response_header(unfollowed, "location");
    say("unfollowed=%d", vuelo_response_status(unfollowed));
    say("location=%s", or_none(location));
    return NULL;
}

static char *timings(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/text", base);
    vuelo_autodrop(response) first = vuelo_request_send(request);
    TRY(first);
    vuelo_autodrop(response) second = vuelo_request_send(request);
    TRY(second);
    vuelo_timings took = vuelo_response_timings(second);
    vuelo_duration duration = 0;
    bool measured = vuelo_response_duration(second, &duration);
    say("duration=%s", yes(measured && duration > 0 && took.duration.is_some &&
                           took.duration.val == duration));
    say("reused=%s", yes(took.connecting.is_some && took.connecting.val == 0 &&
                         took.tls_handshaking.is_some && took.tls_handshaking.val == 0 &&
                         took.looking_up.is_some && took.looking_up.val == 0));
    say("parts=%s", yes(took.sending.val + took.waiting.val + took.receiving.val == duration));
    vuelo_trend_add_duration(lengths, duration);
    return NULL;
}

// The status, or the name of the error's case.
static char *outcome_of(struct vuelo_answer answer) {
    return answer.response ? vuelo_format("%d", vuelo_response_status(answer.response))
                           : vuelo_format("%s", vuelo_error_name(answer.error.kind));
}

static char *send_all(void) {
    vuelo_autofree char *url = vuelo_config_get("URL");
    vuelo_request *requests[] = {
        vuelo_get("%s/text", base),
        vuelo_get("%s/status/204", base),
        vuelo_request_new("GET", url),
        vuelo_get("%s/status/404", base),
    };
    vuelo_request_set_expected_statuses(requests[3], 404, 404);
    struct vuelo_answer answers[4];
    vuelo_send_all(requests, 4, answers);
    char *texts[4];
    for (int i = 0; i < 4; i++)
        texts[i] = outcome_of(answers[i]);
    vuelo_autofree char *statuses = joined((const char **)texts, 4, false);
    say("statuses=%s", statuses);
    vuelo_answers_drop(answers, 4);
    for (int i = 0; i < 4; i++) {
        free(texts[i]);
        vuelo_request_drop(requests[i]);
    }
    return NULL;
}

static char *batch_edges(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/text", base);
    struct vuelo_answer answers[2];
    vuelo_send_all((vuelo_request *[]){request, request}, 2, answers);
    vuelo_autofree char *first = outcome_of(answers[0]);
    vuelo_autofree char *second = outcome_of(answers[1]);
    say("twice=%s,%s", first, second);
    vuelo_answers_drop(answers, 2);

    // By the generated binding too, which tells how many came.
    vuelo_send_all(NULL, 0, NULL);
    vuelo_load_http_list_borrow_request_t none = {0};
    vuelo_load_http_list_result_own_response_error_t came;
    vuelo_load_http_send_all(&none, &came);
    say("none=%zu", came.len);
    return NULL;
}

static char *judging(void) {
    vuelo_autodrop(request) expected = vuelo_get("%s/status/404", base);
    vuelo_request_set_expected_statuses(expected, 404, 404);
    vuelo_autodrop(request) unjudged = vuelo_get("%s/status/500", base);
    vuelo_request_set_unjudged(unjudged);
    vuelo_autodrop(request) judged = vuelo_get("%s/status/500", base);
    vuelo_autodrop(response) first = vuelo_request_send(expected);
    TRY(first);
    vuelo_autodrop(response) second = vuelo_request_send(unjudged);
    TRY(second);
    vuelo_autodrop(response) third = vuelo_request_send(judged);
    TRY(third);
    return NULL;
}

static char *discard(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/bytes/1000", base);
    vuelo_request_set_discard_body(request, true);
    vuelo_autodrop(response) response = vuelo_request_send(request);
    TRY(response);
    size_t length;
    vuelo_autofree uint8_t *body = vuelo_response_body(response, &length);
    TRY(body);
    say("length=%zu", length);
    return NULL;
}

static char *request_tags(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/text", base);
    vuelo_request_set_tag(request, "name", "the text");
    vuelo_request_set_tag(request, "kind", "Grüße");
    vuelo_autodrop(response) response = vuelo_request_send(request);
    TRY(response);
    return NULL;
}

static char *say_no_answer(const char *name, vuelo_request *request) {
    vuelo_autodrop(response) response = vuelo_request_send(request);
    if (response)
        return vuelo_fail("%s: it was answered", name);
    say("%s=%s", name, vuelo_error_name(vuelo_last_error()->kind));
    return NULL;
}

static char *timeouts(void) {
    vuelo_autodrop(request) whole = vuelo_get("%s/slow", base);
    vuelo_request_set_timeout(whole, VUELO_MILLISECONDS(100));
    vuelo_autodrop(request) head = vuelo_get("%s/slow", base);
    vuelo_request_set_head_timeout(head, VUELO_MILLISECONDS(100));
    vuelo_autodrop(request) idle = vuelo_get("%s/stalls", base);
    vuelo_request_set_idle_timeout(idle, VUELO_MILLISECONDS(100));
    char *failure = say_no_answer("error", whole);
    if (!failure)
        failure = say_no_answer("head", head);
    if (!failure)
        failure = say_no_answer("idle", idle);
    return failure;
}

static void say_error(void) {
    const struct vuelo_error *error = vuelo_last_error();
    say("error=%s", vuelo_error_name(error->kind));
    say("words=%s", yes(error->kind == VUELO_CLOSED || *error->text));
}

static char *http_error(void) {
    vuelo_autofree char *url = vuelo_config_get("URL");
    vuelo_autodrop(request) request = vuelo_request_new("GET", url);
    vuelo_request_set_timeout(request, VUELO_MILLISECONDS(500));
    vuelo_autodrop(response) response = vuelo_request_send(request);
    vuelo_autofree char *text = response ? vuelo_response_text(response) : NULL;
    if (text)
        return vuelo_fail("no error, but: %s", text);
    say_error();
    return NULL;
}

static char *kept(void) {
    static vuelo_response *kept;
    if (!kept) {
        vuelo_autodrop(request) request = vuelo_get("%s/text", base);
        kept = vuelo_request_send(request);
        TRY(kept);
        return NULL;
    }
    say("status=%d", vuelo_response_status(kept));
    vuelo_autofree char *text = vuelo_response_text(kept);
    say("text=%s", text ? text : vuelo_error_name(vuelo_last_error()->kind));
    return NULL;
}

const struct flow request_flows[] = {
    {"config", config},
    {"secret", secret},
    {"handles", handles},
    {"get", get},
    {"post", post},
    {"bytes", bytes},
    {"large", large},
    {"form", form},
    {"multipart", multipart},
    {"basic", basic},
    {"cookies", cookies},
    {"redirect", redirect},
    {"timings", timings},
    {"send-all", send_all},
    {"batch-edges", batch_edges},
    {"judging", judging},
    {"discard", discard},
    {"request-tags", request_tags},
    {"timeouts", timeouts},
    {"http-error", http_error},
    {"kept", kept},
    {NULL, NULL},
};
