// WebSocket sessions.

#include "memory.h"
#include "text.h"

#include <stdlib.h>

#define HANDSHAKE(pointer) ((vuelo_load_websocket_borrow_handshake_t){VUELO_HANDLE(pointer)})
#define SOCKET(pointer) ((vuelo_load_websocket_borrow_socket_t){VUELO_HANDLE(pointer)})
#define SECRET(pointer) ((vuelo_load_config_borrow_secret_t){VUELO_HANDLE(pointer)})

static void keep(vuelo_load_websocket_error_t error) {
    static const enum vuelo_error_kind kinds[] = {
        [VUELO_LOAD_WEBSOCKET_ERROR_INVALID] = VUELO_INVALID,
        [VUELO_LOAD_WEBSOCKET_ERROR_NOT_ALLOWED] = VUELO_NOT_ALLOWED,
        [VUELO_LOAD_WEBSOCKET_ERROR_NAME_LOOKUP] = VUELO_NAME_LOOKUP,
        [VUELO_LOAD_WEBSOCKET_ERROR_CONNECTION_REFUSED] = VUELO_CONNECTION_REFUSED,
        [VUELO_LOAD_WEBSOCKET_ERROR_CONNECT] = VUELO_CONNECT,
        [VUELO_LOAD_WEBSOCKET_ERROR_TLS] = VUELO_TLS,
        [VUELO_LOAD_WEBSOCKET_ERROR_TIMEOUT] = VUELO_TIMEOUT,
        [VUELO_LOAD_WEBSOCKET_ERROR_CONNECTION_LOST] = VUELO_CONNECTION_LOST,
        [VUELO_LOAD_WEBSOCKET_ERROR_MALFORMED_RESPONSE] = VUELO_MALFORMED_RESPONSE,
        [VUELO_LOAD_WEBSOCKET_ERROR_REFUSED] = VUELO_REFUSED,
        [VUELO_LOAD_WEBSOCKET_ERROR_PROTOCOL] = VUELO_PROTOCOL,
        [VUELO_LOAD_WEBSOCKET_ERROR_MESSAGE_TOO_LARGE] = VUELO_MESSAGE_TOO_LARGE,
        [VUELO_LOAD_WEBSOCKET_ERROR_CLOSED] = VUELO_CLOSED,
        [VUELO_LOAD_WEBSOCKET_ERROR_OTHER] = VUELO_OTHER,
    };
    struct vuelo_error kept = {.kind = kinds[error.tag]};
    if (error.tag == VUELO_LOAD_WEBSOCKET_ERROR_CLOSED) {
        kept.text = vuelo_format("closed: the session has ended");
    } else if (error.tag == VUELO_LOAD_WEBSOCKET_ERROR_REFUSED) {
        kept.status = error.val.refused.status;
        kept.text = vuelo_taken(error.val.refused.text);
        kept.body = vuelo_taken_bytes(error.val.refused.body);
        kept.body_length = error.val.refused.body.len;
        error.val.refused.text = (project_string_t){0};
        error.val.refused.body = (project_list_u8_t){0};
        vuelo_load_websocket_refusal_free(&error.val.refused);
    } else {
        kept.text = vuelo_taken(error.val.other);
    }
    vuelo_keep_error(kept);
}

vuelo_handshake *vuelo_handshake_new(const char *url) {
    vuelo_load_websocket_own_handshake_t own =
        vuelo_load_websocket_constructor_handshake(VIEW(url));
    return (vuelo_handshake *)(intptr_t)own.__handle;
}

void vuelo_handshake_set_header(vuelo_handshake *handshake, const char *name, const char *value) {
    vuelo_load_websocket_method_handshake_set_header(HANDSHAKE(handshake), VIEW(name),
                                                     VIEW(value));
}

void vuelo_handshake_append_header(vuelo_handshake *handshake, const char *name,
                                   const char *value) {
    vuelo_load_websocket_method_handshake_append_header(HANDSHAKE(handshake), VIEW(name),
                                                        VIEW(value));
}

void vuelo_handshake_set_secret_header(vuelo_handshake *handshake, const char *name,
                                       const char *prefix, const vuelo_secret *secret) {
    vuelo_load_websocket_method_handshake_set_secret_header(HANDSHAKE(handshake), VIEW(name),
                                                            VIEW(prefix), SECRET(secret));
}

void vuelo_handshake_set_basic_auth(vuelo_handshake *handshake, const char *user,
                                    const char *password) {
    vuelo_load_websocket_method_handshake_set_basic_auth(HANDSHAKE(handshake), VIEW(user),
                                                         VIEW(password));
}

void vuelo_handshake_set_secret_basic_auth(vuelo_handshake *handshake, const char *user,
                                           const vuelo_secret *password) {
    vuelo_load_websocket_method_handshake_set_secret_basic_auth(HANDSHAKE(handshake), VIEW(user),
                                                                SECRET(password));
}

void vuelo_handshake_offer_subprotocol(vuelo_handshake *handshake, const char *name) {
    vuelo_load_websocket_method_handshake_offer_subprotocol(HANDSHAKE(handshake), VIEW(name));
}

void vuelo_handshake_set_tag(vuelo_handshake *handshake, const char *name, const char *value) {
    vuelo_load_websocket_tag_t tag = {*VIEW(name), *VIEW(value)};
    vuelo_load_websocket_method_handshake_set_tag(HANDSHAKE(handshake), &tag);
}

void vuelo_handshake_set_timeout(vuelo_handshake *handshake, vuelo_duration timeout) {
    vuelo_load_websocket_method_handshake_set_timeout(HANDSHAKE(handshake), timeout);
}

vuelo_socket *vuelo_handshake_open(vuelo_handshake *handshake) {
    vuelo_load_websocket_own_socket_t socket;
    vuelo_load_websocket_error_t error;
    if (vuelo_load_websocket_method_handshake_open(HANDSHAKE(handshake), &socket, &error))
        return (vuelo_socket *)(intptr_t)socket.__handle;
    keep(error);
    return NULL;
}

void vuelo_handshake_drop(vuelo_handshake *handshake) {
    if (handshake)
        vuelo_load_websocket_handshake_drop_own(
            (vuelo_load_websocket_own_handshake_t){VUELO_HANDLE(handshake)});
}

char *vuelo_socket_subprotocol(vuelo_socket *socket) {
    project_string_t name;
    vuelo_load_websocket_method_socket_subprotocol(SOCKET(socket), &name);
    return vuelo_taken(name);
}

char *vuelo_socket_header(vuelo_socket *socket, const char *name) {
    project_string_t value;
    if (!vuelo_load_websocket_method_socket_header(SOCKET(socket), VIEW(name), &value))
        return NULL;
    return vuelo_taken(value);
}

// Whether it went well; the error of what did not is kept.
static bool went_well(bool well, vuelo_load_websocket_error_t *error) {
    if (!well)
        keep(*error);
    return well;
}

bool vuelo_socket_send_text(vuelo_socket *socket, const char *text) {
    vuelo_load_websocket_error_t error;
    bool well = vuelo_load_websocket_method_socket_send_text(SOCKET(socket), VIEW(text), &error);
    return went_well(well, &error);
}

bool vuelo_socket_send_binary(vuelo_socket *socket, const void *bytes, size_t length) {
    vuelo_load_websocket_error_t error;
    bool well = vuelo_load_websocket_method_socket_send_binary(SOCKET(socket),
                                                               BYTES(bytes, length), &error);
    return went_well(well, &error);
}

bool vuelo_socket_ping(vuelo_socket *socket) {
    vuelo_load_websocket_error_t error;
    bool well = vuelo_load_websocket_method_socket_ping(SOCKET(socket), &error);
    return went_well(well, &error);
}

int vuelo_socket_next(vuelo_socket *socket, const vuelo_duration *timeout,
                      struct vuelo_message *message) {
    vuelo_load_websocket_option_message_t next;
    vuelo_load_websocket_error_t error;
    if (!vuelo_load_websocket_method_socket_next(SOCKET(socket), (vuelo_duration *)timeout, &next,
                                                 &error)) {
        keep(error);
        return -1;
    }
    if (!next.is_some)
        return 0;
    *message = (struct vuelo_message){.kind = (enum vuelo_message_kind)next.val.tag};
    switch (message->kind) {
    case VUELO_MESSAGE_TEXT:
        message->length = next.val.val.text.len;
        message->content = vuelo_taken(next.val.val.text);
        break;
    case VUELO_MESSAGE_BINARY:
        message->length = next.val.val.binary.len;
        message->content = (char *)vuelo_taken_bytes(next.val.val.binary);
        break;
    case VUELO_MESSAGE_PONG:
        message->duration = next.val.val.pong;
        break;
    case VUELO_MESSAGE_CLOSED:
        message->code = next.val.val.closed.code;
        message->length = next.val.val.closed.reason.len;
        message->content = vuelo_taken(next.val.val.closed.reason);
        break;
    }
    return 1;
}

bool vuelo_socket_answered_after(vuelo_socket *socket, vuelo_duration *duration) {
    return vuelo_load_websocket_method_socket_answered_after(SOCKET(socket), duration);
}

bool vuelo_socket_close(vuelo_socket *socket, uint16_t code, const char *reason) {
    vuelo_load_websocket_error_t error;
    bool well =
        vuelo_load_websocket_method_socket_close(SOCKET(socket), code, VIEW(reason), &error);
    return went_well(well, &error);
}

void vuelo_socket_drop(vuelo_socket *socket) {
    if (socket)
        vuelo_load_websocket_socket_drop_own(
            (vuelo_load_websocket_own_socket_t){VUELO_HANDLE(socket)});
}
