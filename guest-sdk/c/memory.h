/// Texts, bytes and tags between C and the generated bindings.
#ifndef VUELO_MEMORY_H
#define VUELO_MEMORY_H

#include "vuelo.h"

#include <string.h>

/// As `malloc`, and traps where there is no memory.
void *vuelo_allocate(size_t size);

/// A text as the bindings take it; they only read it.
static inline project_string_t *vuelo_view(project_string_t *string, const char *text) {
    string->ptr = (uint8_t *)text;
    string->len = strlen(text);
    return string;
}
#define VIEW(text) vuelo_view(&(project_string_t){0}, (text))

/// Bytes likewise.
#define BYTES(bytes, size) (&(project_list_u8_t){(uint8_t *)(bytes), (size)})

/// A text that came from the host, as the caller's own.
char *vuelo_taken(project_string_t string);
/// Bytes likewise.
uint8_t *vuelo_taken_bytes(project_list_u8_t bytes);
/// A list of pairs likewise.
struct vuelo_pair *vuelo_taken_pairs(project_list_tuple2_string_string_t list, size_t *count);

/// How many tags there are before the end.
size_t vuelo_tags_count(const struct vuelo_tag *tags);
/// The tags as the bindings take them, in `list`, which has room for them.
void vuelo_tags_view(const struct vuelo_tag *tags, size_t count, vuelo_load_types_tag_t *list);

#endif
