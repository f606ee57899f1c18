#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 100 };

// Each `skip_…` takes where its piece begins and returns where it ends, or NULL
// where it is not JSON. NUL ends every text, so that none looks further.

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *skip_space(const char *at) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')
        at++;
    return at;
}

static const char *skip_word(const char *at, const char *word) {
    size_t length = strlen(word);
    return strncmp(at, word, length) == 0 ? at + length : NULL;
}

static const char *skip_digits(const char *at) {
    if (!is_digit(*at))
        return NULL;
    while (is_digit(*at))
        at++;
    return at;
}

static const char *skip_number(const char *at) {
    if (*at == '-')
        at++;
    at = *at == '0' ? at + 1 : skip_digits(at);
    if (at && *at == '.')
        at = skip_digits(at + 1);
    if (at && (*at == 'e' || *at == 'E')) {
        at++;
        if (*at == '+' || *at == '-')
            at++;
        at = skip_digits(at);
    }
    return at;
}

static int hex_digit(char c) {
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static const char *skip_string(const char *at) {
    if (*at++ != '"')
        return NULL;
    while (*at != '"') {
        if ((unsigned char)*at < 0x20)
            return NULL;
        if (*at++ != '\\')
            continue;
        if (*at == 'u') {
            for (int digit = 1; digit <= 4; digit++)
                if (hex_digit(at[digit]) < 0)
                    return NULL;
            at += 5;
        } else if (*at && strchr("\"\\/bfnrt", *at)) {
            at++;
        } else {
            return NULL;
        }
    }
    return at + 1;
}

static const char *skip_value(const char *at, int depth);

// An array or object: `close` is its last character.
static const char *skip_list(const char *at, char close, int depth) {
    if (depth == DEEPEST)
        return NULL;
    at = skip_space(at + 1);
    if (*at == close)
        return at + 1;
    for (;;) {
        if (close == '}') {
            at = skip_string(at);
            if (!at)
                return NULL;
            at = skip_space(at);
            if (*at != ':')
                return NULL;
            at = skip_space(at + 1);
        }
        at = skip_value(at, depth + 1);
        if (!at)
            return NULL;
        at = skip_space(at);
        if (*at == close)
            return at + 1;
        if (*at != ',')
            return NULL;
        at = skip_space(at + 1);
    }
}

static const char *skip_value(const char *at, int depth) {
    switch (*at) {
    case '{':
        return skip_list(at, '}', depth);
    case '[':
        return skip_list(at, ']', depth);
    case '"':
        return skip_string(at);
    case 't':
        return skip_word(at, "true");
    case 'f':
        return skip_word(at, "false");
    case 'n':
        return skip_word(at, "null");
    default:
        return skip_number(at);
    }
}

static const struct vuelo_json NONE = {NULL, 0};

// Of a text that was parsed, and so has a value here.
static struct vuelo_json value_at(const char *at) {
    return (struct vuelo_json){at, (size_t)(skip_value(at, 0) - at)};
}

struct vuelo_json vuelo_json_parse(const char *text) {
    if (!text)
        return NONE;
    const char *begin = skip_space(text);
    const char *end = skip_value(begin, 0);
    if (!end || *skip_space(end) != '\0')
        return NONE;
    return (struct vuelo_json){begin, (size_t)(end - begin)};
}

enum vuelo_json_kind vuelo_json_kind(struct vuelo_json value) {
    if (!value.text)
        return VUELO_JSON_NONE;
    switch (*value.text) {
    case '{':
        return VUELO_JSON_OBJECT;
    case '[':
        return VUELO_JSON_ARRAY;
    case '"':
        return VUELO_JSON_STRING;
    case 't':
    case 'f':
        return VUELO_JSON_BOOLEAN;
    case 'n':
        return VUELO_JSON_NULL;
    default:
        return VUELO_JSON_NUMBER;
    }
}

// The begin of the first entry of an array or object, NULL where there is none.
static const char *first_entry(struct vuelo_json list) {
    const char *at = skip_space(list.text + 1);
    return *at == ']' || *at == '}' ? NULL : at;
}

// The begin of the entry after the value that begins here.
static const char *entry_after(const char *value) {
    const char *at = skip_space(skip_value(value, 0));
    return *at == ',' ? skip_space(at + 1) : NULL;
}

// The begin of a member's value.
static const char *member_value(const char *entry) {
    return skip_space(skip_space(skip_string(entry)) + 1);
}

struct vuelo_json vuelo_json_member(struct vuelo_json object, const char *name) {
    if (vuelo_json_kind(object) != VUELO_JSON_OBJECT)
        return NONE;
    const char *value;
    for (const char *entry = first_entry(object); entry; entry = entry_after(value)) {
        value = member_value(entry);
        if (vuelo_json_equals(value_at(entry), name))
            return value_at(value);
    }
    return NONE;
}

struct vuelo_json vuelo_json_item(struct vuelo_json array, size_t index) {
    if (vuelo_json_kind(array) != VUELO_JSON_ARRAY)
        return NONE;
    const char *entry = first_entry(array);
    while (entry && index-- > 0)
        entry = entry_after(entry);
    return entry ? value_at(entry) : NONE;
}

size_t vuelo_json_count(struct vuelo_json value) {
    enum vuelo_json_kind kind = vuelo_json_kind(value);
    if (kind != VUELO_JSON_ARRAY && kind != VUELO_JSON_OBJECT)
        return 0;
    size_t count = 0;
    const char *entry = first_entry(value);
    for (; entry; count++)
        entry = entry_after(kind == VUELO_JSON_OBJECT ? member_value(entry) : entry);
    return count;
}

static uint32_t four_digits(const char *at) {
    uint32_t unit = 0;
    for (int digit = 0; digit < 4; digit++)
        unit = unit * 16 + (uint32_t)hex_digit(at[digit]);
    return unit;
}

static size_t write_utf8(char *out, uint32_t point) {
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

// Writes the character of a string that begins at `*at` as UTF-8 (at most four
// bytes), and moves on.
static size_t decode(const char **at, char *out) {
    const char *from = *at;
    if (*from != '\\') {
        *out = *from;
        *at = from + 1;
        return 1;
    }
    if (from[1] != 'u') {
        static const char escapes[] = "b\bf\fn\nr\rt\t";
        const char *escape = strchr(escapes, from[1]);
        *out = escape ? escape[1] : from[1];
        *at = from + 2;
        return 1;
    }
    uint32_t point = four_digits(from + 2);
    *at = from + 6;
    if (point >= 0xD800 && point < 0xDC00 && from[6] == '\\' && from[7] == 'u') {
        uint32_t low = four_digits(from + 8);
        if (low >= 0xDC00 && low < 0xE000) {
            *at = from + 12;
            return write_utf8(out, 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00));
        }
    }
    return write_utf8(out, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
}

char *vuelo_json_string(struct vuelo_json value) {
    if (vuelo_json_kind(value) != VUELO_JSON_STRING)
        return NULL;
    // No character is longer than what it was written as.
    char *text = malloc(value.length);
    if (!text)
        abort();
    char *out = text;
    for (const char *at = value.text + 1; *at != '"';)
        out += decode(&at, out);
    *out = '\0';
    return text;
}

bool vuelo_json_equals(struct vuelo_json value, const char *text) {
    if (vuelo_json_kind(value) != VUELO_JSON_STRING)
        return false;
    char character[4];
    const char *at = value.text + 1;
    while (*at != '"') {
        size_t length = decode(&at, character);
        if (strncmp(text, character, length) != 0 || *character == '\0')
            return false;
        text += length;
    }
    return *text == '\0';
}

double vuelo_json_number(struct vuelo_json value) {
    return vuelo_json_kind(value) == VUELO_JSON_NUMBER ? strtod(value.text, NULL) : 0;
}

bool vuelo_json_is_true(struct vuelo_json value) {
    return vuelo_json_kind(value) == VUELO_JSON_BOOLEAN && *value.text == 't';
}
