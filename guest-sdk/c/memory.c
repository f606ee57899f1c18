// Memory that comes from the host.

#include "memory.h"

#include <stdlib.h>

// The host puts what it returns into memory that it asks for here. In place of
// the generated function: a text has room for a NUL, and so needs no copy.
__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size);

void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
    (void)old_size;
    if (size == 0)
        return (void *)align;
    size_t room = align == 1 ? size + 1 : size;
    char *memory = realloc(old, room);
    if (!memory)
        abort();
    if (align == 1)
        memory[size] = '\0';
    return memory;
}

void *vuelo_allocate(size_t size) {
    void *memory = malloc(size ? size : 1);
    if (!memory)
        abort();
    return memory;
}

uint8_t *vuelo_taken_bytes(project_list_u8_t bytes) {
    if (bytes.len > 0)
        return bytes.ptr;
    uint8_t *empty = vuelo_allocate(1);
    *empty = '\0';
    return empty;
}

char *vuelo_taken(project_string_t string) {
    return (char *)vuelo_taken_bytes((project_list_u8_t){string.ptr, string.len});
}

struct vuelo_pair *vuelo_taken_pairs(project_list_tuple2_string_string_t list, size_t *count) {
    struct vuelo_pair *pairs = vuelo_allocate(list.len * sizeof *pairs);
    for (size_t i = 0; i < list.len; i++)
        pairs[i] = (struct vuelo_pair){vuelo_taken(list.ptr[i].f0), vuelo_taken(list.ptr[i].f1)};
    if (list.len > 0)
        free(list.ptr);
    *count = list.len;
    return pairs;
}

void vuelo_pairs_free(struct vuelo_pair *pairs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(pairs[i].name);
        free(pairs[i].value);
    }
    free(pairs);
}

size_t vuelo_tags_count(const struct vuelo_tag *tags) {
    size_t count = 0;
    while (tags && tags[count].name)
        count++;
    return count;
}

void vuelo_tags_view(const struct vuelo_tag *tags, size_t count, vuelo_load_types_tag_t *list) {
    for (size_t i = 0; i < count; i++) {
        vuelo_view(&list[i].f0, tags[i].name);
        vuelo_view(&list[i].f1, tags[i].value);
    }
}
