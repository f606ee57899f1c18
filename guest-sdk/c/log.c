// The log.

#include "memory.h"
#include "text.h"

#include <stdlib.h>

static void write_line(vuelo_load_log_level_t level, char *text) {
    vuelo_load_log_write(level, VIEW(text));
    free(text);
}

void vuelo_log_debug(const char *format, ...) {
    char *text;
    FORMATTED(text, format);
    write_line(VUELO_LOAD_LOG_LEVEL_DEBUG, text);
}

void vuelo_log_info(const char *format, ...) {
    char *text;
    FORMATTED(text, format);
    write_line(VUELO_LOAD_LOG_LEVEL_INFO, text);
}

void vuelo_log_warn(const char *format, ...) {
    char *text;
    FORMATTED(text, format);
    write_line(VUELO_LOAD_LOG_LEVEL_WARN, text);
}

void vuelo_log_error(const char *format, ...) {
    char *text;
    FORMATTED(text, format);
    write_line(VUELO_LOAD_LOG_LEVEL_ERROR, text);
}
