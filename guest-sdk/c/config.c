// The configuration.

#include "memory.h"

char *vuelo_config_get(const char *key) {
    project_string_t value;
    return vuelo_load_config_get(VIEW(key), &value) ? vuelo_taken(value) : NULL;
}

vuelo_secret *vuelo_config_get_secret(const char *key) {
    vuelo_load_config_own_secret_t secret;
    if (!vuelo_load_config_get_secret(VIEW(key), &secret))
        return NULL;
    return (vuelo_secret *)(intptr_t)secret.__handle;
}

void vuelo_secret_drop(vuelo_secret *secret) {
    if (secret)
        vuelo_load_config_secret_drop_own((vuelo_load_config_own_secret_t){VUELO_HANDLE(secret)});
}
