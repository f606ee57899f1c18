// Streams, uploads, WebSockets.

#include "conformance.h"

#include <string.h>

// The text with its line feeds written as `\n`.
static char *on_one_line(const char *text) {
    char *line = malloc(2 * strlen(text) + 1);
    char *out = line;
    for (; line && *text; text++) {
        if (*text == '\n') {
            *out++ = '\\';
            *out++ = 'n';
        } else {
            *out++ = *text;
        }
    }
    if (line)
        *out = '\0';
    return line;
}

static char *events(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/events", base);
    vuelo_autodrop(response) response = vuelo_request_open(request);
    TRY(response);
    vuelo_autodrop(event_stream) stream = vuelo_response_events(response);
    TRY(stream);
    struct vuelo_event event;
    vuelo_duration before = 0;
    bool in_order = true;
    int came;
    while ((came = vuelo_event_stream_next(stream, &event)) > 0) {
        vuelo_autofree char *line = on_one_line(event.data);
        say("event=%s|%s|%s", event.kind, or_none(line), event.id);
        in_order = in_order && event.elapsed > 0 && event.elapsed >= before;
        before = event.elapsed;
        vuelo_event_free(&event);
    }
    TRY(came == 0);
    vuelo_duration retry;
    if (vuelo_event_stream_retry(stream, &retry))
        say("retry=%llu", retry);
    else
        say("retry=none");
    say("elapsed=%s", yes(in_order));
    return NULL;
}

static char *chunks(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/pieces", base);
    vuelo_autodrop(response) response = vuelo_request_open(request);
    TRY(response);
    vuelo_autodrop(body_stream) stream = vuelo_response_chunks(response);
    TRY(stream);
    vuelo_duration elapsed;
    bool before = vuelo_body_stream_elapsed(stream, &elapsed);
    bool after = false;
    char *text = vuelo_format("%s", "");
    uint8_t *piece;
    size_t length;
    int came;
    while ((came = vuelo_body_stream_next(stream, &piece, &length)) > 0) {
        after = vuelo_body_stream_elapsed(stream, &elapsed);
        char *longer = vuelo_format("%s%.*s", text, (int)length, (const char *)piece);
        free(piece);
        free(text);
        text = longer;
    }
    if (came == 0) {
        say("text=%s", text);
        say("elapsed=%s", yes(!before && after));
    }
    free(text);
    TRY(came == 0);
    return NULL;
}

static char *not_events(void) {
    vuelo_autodrop(request) request = vuelo_get("%s/text", base);
    vuelo_autodrop(response) response = vuelo_request_open(request);
    TRY(response);
    vuelo_autodrop(event_stream) stream = vuelo_response_events(response);
    say("error=%s", stream ? "none" : vuelo_error_name(vuelo_last_error()->kind));
    vuelo_autofree char *text = vuelo_response_text(response);
    TRY(text);
    say("text=%s", text);
    return NULL;
}

static char *dropped_stream(void) {
    vuelo_autodrop(request) endless = vuelo_get("%s/endless", base);
    vuelo_response *opened = vuelo_request_open(endless);
    TRY(opened);
    vuelo_event_stream *stream = vuelo_response_events(opened);
    TRY(stream);
    struct vuelo_event event;
    TRY(vuelo_event_stream_next(stream, &event) > 0);
    vuelo_event_free(&event);
    vuelo_event_stream_drop(stream);
    vuelo_response_drop(opened);

    vuelo_autodrop(request) request = vuelo_get("%s/text", base);
    vuelo_autodrop(response) response = vuelo_request_send(request);
    TRY(response);
    say("status=%d", vuelo_response_status(response));
    return NULL;
}

static char *upload(void) {
    vuelo_autodrop(request) request = vuelo_post("%s/echo", base);
    vuelo_autodrop(upload) chunked = vuelo_request_upload(request, NULL);
    TRY(chunked);
    TRY(vuelo_upload_write(chunked, "one, ", 5));
    TRY(vuelo_upload_write(chunked, "two", 3));
    vuelo_autodrop(response) finished = vuelo_upload_finish(chunked);
    TRY(finished);
    vuelo_autofree char *first = vuelo_response_text(finished);
    TRY(first);
    struct vuelo_json echo = vuelo_json_parse(first);
    struct vuelo_json headers = vuelo_json_member(echo, "headers");
    struct vuelo_json length = vuelo_json_member(headers, "content-length");
    vuelo_autofree char *body = vuelo_json_string(vuelo_json_member(echo, "body"));
    say("body=%s", or_none(body));
    say("chunked=%s", yes(vuelo_json_kind(length) == VUELO_JSON_NONE));

    const uint64_t three = 3;
    vuelo_autodrop(upload) announced = vuelo_request_upload(request, &three);
    TRY(announced);
    TRY(vuelo_upload_write(announced, "abc", 3));
    vuelo_autodrop(response) opened = vuelo_upload_open(announced);
    TRY(opened);
    vuelo_autofree char *second = vuelo_response_text(opened);
    TRY(second);
    echo = vuelo_json_parse(second);
    say("length=%.0f", vuelo_json_number(vuelo_json_member(echo, "length")));
    return NULL;
}

// Waits for a message of this kind.
static char *expect(vuelo_socket *socket, enum vuelo_message_kind kind,
                    struct vuelo_message *message) {
    int came = vuelo_socket_next(socket, NULL, message);
    TRY(came >= 0);
    if (came == 0 || message->kind != kind)
        return vuelo_fail("another message came than was expected");
    return NULL;
}

static char *websocket(void) {
    vuelo_autofree char *url = vuelo_format("ws%s/socket", base + strlen("http"));
    vuelo_autodrop(handshake) handshake = vuelo_handshake_new(url);
    vuelo_handshake_set_header(handshake, "x-one", "1");
    vuelo_autodrop(socket) socket = vuelo_handshake_open(handshake);
    TRY(socket);
    struct vuelo_message message;
    char *failure;

    TRY(vuelo_socket_send_text(socket, "Grüße, 世界 🦉"));
    if ((failure = expect(socket, VUELO_MESSAGE_TEXT, &message)))
        return failure;
    say("text=%s", message.content);
    free(message.content);

    TRY(vuelo_socket_send_binary(socket, "\0\1\2\377", 4));
    if ((failure = expect(socket, VUELO_MESSAGE_BINARY, &message)))
        return failure;
    const uint8_t *bytes = (const uint8_t *)message.content;
    if (message.length == 4)
        say("binary=%d,%d,%d,%d", bytes[0], bytes[1], bytes[2], bytes[3]);
    free(message.content);

    TRY(vuelo_socket_ping(socket));
    if ((failure = expect(socket, VUELO_MESSAGE_PONG, &message)))
        return failure;
    say("pong=%s", yes(message.duration > 0));

    TRY(vuelo_socket_close(socket, 1000, "done"));
    if ((failure = expect(socket, VUELO_MESSAGE_CLOSED, &message)))
        return failure;
    say("closing=%d", message.code);
    free(message.content);
    return NULL;
}

static char *websocket_refused(void) {
    vuelo_autofree char *url = vuelo_format("ws%s/status/403", base + strlen("http"));
    vuelo_autodrop(handshake) handshake = vuelo_handshake_new(url);
    vuelo_autodrop(socket) socket = vuelo_handshake_open(handshake);
    if (socket)
        return vuelo_fail("a session was opened");
    const struct vuelo_error *error = vuelo_last_error();
    say("refused=%d", error->status);
    say("words=%s", yes(*error->text));
    say("body=%s", or_none((const char *)error->body));
    return NULL;
}

const struct flow stream_flows[] = {
    {"events", events},
    {"chunks", chunks},
    {"not-events", not_events},
    {"dropped-stream", dropped_stream},
    {"upload", upload},
    {"websocket", websocket},
    {"websocket-refused", websocket_refused},
    {NULL, NULL},
};
