/// Texts by formats, and errors as texts.
#ifndef VUELO_TEXT_H
#define VUELO_TEXT_H

#include "vuelo.h"

#include <stdarg.h>

/// As `vuelo_format`, for a function with a format of its own.
char *vuelo_format_list(const char *format, va_list values);

/// Sets `text` to it, in a function whose last parameter is `format`.
#define FORMATTED(text, format)                                                                    \
    do {                                                                                           \
        va_list values;                                                                            \
        va_start(values, format);                                                                  \
        text = vuelo_format_list(format, values);                                                  \
        va_end(values);                                                                            \
    } while (0)

/// Makes this `vuelo_last_error`, which owns the text and the body.
void vuelo_keep_error(struct vuelo_error error);

#endif
