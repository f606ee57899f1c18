/// Reads JSON where it stands: a value is a piece of the text that was parsed,
/// nothing is copied, and it lives as long as that text.
///
/// `vuelo_json_parse` checks the whole text. After that nothing fails: what is
/// not there, or of another kind, is a value of the kind `VUELO_JSON_NONE`,
/// which has no members either, so that a chain needs one test at its end:
///
///     struct vuelo_json id = vuelo_json_member(vuelo_json_parse(text), "id");
///     double number = vuelo_json_number(id);
///
/// A value as JSON is `printf("%.*s", (int)value.length, value.text)`.
#ifndef VUELO_JSON_H
#define VUELO_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct vuelo_json {
    const char *text;
    size_t length;
};

enum vuelo_json_kind {
    VUELO_JSON_NONE,
    VUELO_JSON_NULL,
    VUELO_JSON_BOOLEAN,
    VUELO_JSON_NUMBER,
    VUELO_JSON_STRING,
    VUELO_JSON_ARRAY,
    VUELO_JSON_OBJECT,
};

/// The value that the text is; none where it is NULL, is not JSON (RFC 8259) or
/// nests more than 100 deep.
struct vuelo_json vuelo_json_parse(const char *text);

enum vuelo_json_kind vuelo_json_kind(struct vuelo_json value);

/// The object's first member of this name.
struct vuelo_json vuelo_json_member(struct vuelo_json object, const char *name);

/// The array's item, from 0.
struct vuelo_json vuelo_json_item(struct vuelo_json array, size_t index);

/// How many items or members it has; 0 of all other kinds.
size_t vuelo_json_count(struct vuelo_json value);

/// The string's text on the heap, NULL of all other kinds. It ends at a `\u0000`;
/// half of a surrogate pair is U+FFFD.
char *vuelo_json_string(struct vuelo_json value);

/// Whether it is the string `text`.
bool vuelo_json_equals(struct vuelo_json value, const char *text);

/// The number; 0 of all other kinds.
double vuelo_json_number(struct vuelo_json value);

/// Whether it is `true`.
bool vuelo_json_is_true(struct vuelo_json value);

#endif
