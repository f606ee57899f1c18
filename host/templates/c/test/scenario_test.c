// Runs the component against the server inside `vuelo`, and reads the results.
// It is built and run by the two commands in README.md.

#undef NDEBUG
#include "json.h"

#include <assert.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Runs the component with these flags; returns the text of the results.
static char *results_of(const char *flags) {
    char folder[] = "/tmp/scenario_test.XXXXXX";
    assert(mkdtemp(folder));
    const char *vuelo = getenv("VUELO");
    char command[1024];
    int length = snprintf(command, sizeof command,
                          "%s run ./{{name}}.wasm --quiet --results %s %s",
                          vuelo ? vuelo : "vuelo", folder, flags);
    assert(length > 0 && (size_t)length < sizeof command);
    assert(system(command) == 0);

    char pattern[64];
    snprintf(pattern, sizeof pattern, "%s/*.json", folder);
    glob_t found;
    assert(glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc == 1);
    FILE *file = fopen(found.gl_pathv[0], "r");
    assert(file);
    char *text = NULL;
    size_t size = 0;
    assert(getdelim(&text, &size, '\0', file) > 0);
    fclose(file);
    unlink(found.gl_pathv[0]);
    rmdir(folder);
    globfree(&found);
    return text;
}

static double value_of(const char *results, const char *metric, const char *value) {
    struct vuelo_json metrics = vuelo_json_member(vuelo_json_parse(results), "metrics");
    struct vuelo_json values = vuelo_json_member(vuelo_json_member(metrics, metric), "values");
    return vuelo_json_number(vuelo_json_member(values, value));
}

static void a_healthy_server_passes(void) {
    char *results = results_of("--demo -u 1 -i 3");
    assert(value_of(results, "checks", "rate") == 1);
    assert(value_of(results, "iterations", "count") == 3);
    assert(value_of(results, "health_duration", "max") > 0);
    free(results);
}

int main(void) {
    a_healthy_server_passes();
    puts("ok");
}
