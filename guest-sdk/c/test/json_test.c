// Natively, beside the SDK: cc -I. test/json_test.c json.c -o /tmp/json_test && /tmp/json_test

#undef NDEBUG
#include "json.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum vuelo_json_kind kind_of(const char *text) {
    return vuelo_json_kind(vuelo_json_parse(text));
}

static void assert_string(const char *text, const char *expected) {
    char *string = vuelo_json_string(vuelo_json_parse(text));
    assert(string && strcmp(string, expected) == 0);
    free(string);
    assert(vuelo_json_equals(vuelo_json_parse(text), expected));
}

static void kinds(void) {
    assert(kind_of("null") == VUELO_JSON_NULL);
    assert(kind_of(" true ") == VUELO_JSON_BOOLEAN);
    assert(kind_of("-0.5e+3") == VUELO_JSON_NUMBER);
    assert(kind_of("\"\"") == VUELO_JSON_STRING);
    assert(kind_of("[ ]") == VUELO_JSON_ARRAY);
    assert(kind_of("{ }") == VUELO_JSON_OBJECT);
}

static void what_is_no_json_is_none(void) {
    static const char *const texts[] = {
        "",       " ",       "nul",     "nulls",    "01",        "-",      "1.",
        ".5",     "1e",      "+1",      "\"",       "\"\n\"",    "\"\\x\"", "\"\\u12g4\"",
        "\"\\u1", "[",       "[1",      "[1,]",     "[,]",       "[1 2]",  "{",
        "{1:2}",  "{\"a\"}", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "1 2",   "]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert(kind_of(texts[i]) == VUELO_JSON_NONE);
    assert(kind_of(NULL) == VUELO_JSON_NONE);
}

static void depth_has_a_limit(void) {
    char text[202] = {0};
    memset(text, '[', 100);
    memset(text + 100, ']', 100);
    assert(kind_of(text) == VUELO_JSON_ARRAY);
    memset(text, '[', 101);
    memset(text + 101, ']', 100);
    text[201] = '\0';
    assert(kind_of(text) == VUELO_JSON_NONE);
}

static void strings(void) {
    assert_string("\"\"", "");
    assert_string("\"Gr\\u00fc\\u00dfe, 世界 🦉\"", "Grüße, 世界 🦉");
    assert_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
    assert_string("\"\\uD83E\\uDD89\"", "🦉");
    assert_string("\"\\uD83E!\\uDD89\"", "\uFFFD!\uFFFD");
    assert(!vuelo_json_equals(vuelo_json_parse("\"ab\""), "a"));
    assert(!vuelo_json_equals(vuelo_json_parse("\"a\""), "ab"));
    assert(!vuelo_json_equals(vuelo_json_parse("\"\\u0000\""), ""));
    assert(vuelo_json_string(vuelo_json_parse("1")) == NULL);
}

static void members_and_items(void) {
    struct vuelo_json value =
        vuelo_json_parse("{ \"a\" : [1, {\"b\": -2.5e1}, \"}]\"] , \"n\\u0061me\":true,\"a\":0}");
    assert(vuelo_json_count(value) == 3);
    struct vuelo_json list = vuelo_json_member(value, "a");
    assert(vuelo_json_count(list) == 3);
    assert(vuelo_json_number(vuelo_json_item(list, 0)) == 1);
    assert(vuelo_json_number(vuelo_json_member(vuelo_json_item(list, 1), "b")) == -25);
    assert(vuelo_json_equals(vuelo_json_item(list, 2), "}]"));
    assert(vuelo_json_kind(vuelo_json_item(list, 3)) == VUELO_JSON_NONE);
    assert(vuelo_json_is_true(vuelo_json_member(value, "name")));
    assert(vuelo_json_kind(vuelo_json_member(value, "nam")) == VUELO_JSON_NONE);
    assert(vuelo_json_number(vuelo_json_member(vuelo_json_member(value, "x"), "y")) == 0);
}

int main(void) {
    kinds();
    what_is_no_json_is_none();
    depth_has_a_limit();
    strings();
    members_and_items();
    puts("ok");
}
