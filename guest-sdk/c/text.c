// Texts by formats, and errors as texts.

#include "text.h"

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

char *vuelo_format_list(const char *format, va_list values) {
    va_list again;
    va_copy(again, values);
    int length = vsnprintf(NULL, 0, format, values);
    if (length < 0)
        abort();
    char *text = vuelo_allocate((size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *vuelo_format(const char *format, ...) {
    char *text;
    FORMATTED(text, format);
    return text;
}

char *vuelo_fail(const char *format, ...) {
    char *text;
    FORMATTED(text, format);
    return text;
}

static struct vuelo_error last;

const struct vuelo_error *vuelo_last_error(void) { return &last; }

void vuelo_keep_error(struct vuelo_error error) {
    free(last.text);
    free(last.body);
    last = error;
}

char *vuelo_failure(void) {
    return vuelo_format("%s", last.text ? last.text : "no error");
}

const char *vuelo_error_name(enum vuelo_error_kind kind) {
    static const char *const names[] = {
        [VUELO_NO_ERROR] = "no-error",
        [VUELO_INVALID_REQUEST] = "invalid-request",
        [VUELO_NOT_ALLOWED] = "not-allowed",
        [VUELO_NAME_LOOKUP] = "name-lookup",
        [VUELO_CONNECTION_REFUSED] = "connection-refused",
        [VUELO_CONNECT] = "connect",
        [VUELO_TLS] = "tls",
        [VUELO_TIMEOUT] = "timeout",
        [VUELO_CONNECTION_LOST] = "connection-lost",
        [VUELO_MALFORMED_RESPONSE] = "malformed-response",
        [VUELO_BODY_TOO_LARGE] = "body-too-large",
        [VUELO_WRONG_CONTENT] = "wrong-content",
        [VUELO_CLOSED] = "closed",
        [VUELO_BAD_ENCODING] = "bad-encoding",
        [VUELO_PROTOCOL] = "protocol",
        [VUELO_OTHER] = "other",
        [VUELO_INVALID] = "invalid",
        [VUELO_REFUSED] = "refused",
        [VUELO_MESSAGE_TOO_LARGE] = "message-too-large",
    };
    return names[kind];
}
