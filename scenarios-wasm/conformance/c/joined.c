// Lists as one text.

#include "conformance.h"

#include <string.h>

static int by_text(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

char *joined(const char **texts, size_t count, bool sorted) {
    if (sorted)
        qsort(texts, count, sizeof *texts, by_text);
    char *all = vuelo_format("%s", "");
    for (size_t i = 0; i < count; i++) {
        char *longer = vuelo_format("%s%s%s", all, i > 0 ? "," : "", texts[i]);
        free(all);
        all = longer;
    }
    return all;
}

char *joined_items(struct vuelo_json array) {
    size_t count = vuelo_json_count(array);
    char *texts[count + 1];
    for (size_t i = 0; i < count; i++) {
        struct vuelo_json item = vuelo_json_item(array, i);
        texts[i] = vuelo_json_string(item);
        if (!texts[i])
            texts[i] = vuelo_format("%.*s", (int)item.length, item.text);
    }
    char *all = joined((const char **)texts, count, false);
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    return all;
}
