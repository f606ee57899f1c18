// What the component exports, from what the scenario defines. Where a world does
// not export one of them the linker leaves it out, and what it calls.

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

// The text that a function of the scenario returned, as its result. What it
// printed is written out, since an instance has no exit that would do so.
static bool ended(char *failure, project_string_t *argument, project_string_t *err) {
    fflush(NULL);
    if (argument)
        project_string_free(argument);
    if (!failure)
        return true;
    err->ptr = (uint8_t *)failure;
    err->len = strlen(failure);
    if (err->len == 0)
        free(failure);
    return false;
}

static const char *text_of(const project_string_t *argument) {
    return argument->len > 0 ? (const char *)argument->ptr : "";
}

void exports_vuelo_load_scenario_options(project_string_t *ret) {
    project_string_dup(ret, scenario_options());
}

bool exports_vuelo_load_scenario_start(project_string_t *data, project_string_t *err) {
    return ended(scenario_start(text_of(data)), data, err);
}

bool exports_vuelo_load_scenario_iteration(project_string_t *exec, project_string_t *err) {
    return ended(scenario_iteration(text_of(exec)), exec, err);
}

bool exports_vuelo_load_setup_setup(project_string_t *ret, project_string_t *err);

bool exports_vuelo_load_setup_setup(project_string_t *ret, project_string_t *err) {
    char *data = NULL;
    char *failure = scenario_setup(&data);
    if (!failure)
        vuelo_view(ret, data ? data : vuelo_format("null"));
    return ended(failure, NULL, err);
}

bool exports_vuelo_load_teardown_teardown(project_string_t *data, project_string_t *err);

bool exports_vuelo_load_teardown_teardown(project_string_t *data, project_string_t *err) {
    return ended(scenario_teardown(text_of(data)), data, err);
}

// The generated header has the types of a summary where the world exports it.
#ifdef EXPORTS_VUELO_LOAD_SUMMARY_DESTINATION_STDOUT

static exports_vuelo_load_summary_list_output_t outputs;

static void add_output(uint8_t destination, const char *name, const char *text) {
    size_t size = (outputs.len + 1) * sizeof *outputs.ptr;
    outputs.ptr = realloc(outputs.ptr, size);
    if (!outputs.ptr)
        abort();
    exports_vuelo_load_summary_output_t *output = &outputs.ptr[outputs.len++];
    *output = (exports_vuelo_load_summary_output_t){.destination.tag = destination};
    if (name)
        project_string_dup(&output->destination.val.file, name);
    project_string_dup(&output->text, text);
}

void vuelo_output_stdout(const char *text) {
    add_output(EXPORTS_VUELO_LOAD_SUMMARY_DESTINATION_STDOUT, NULL, text);
}

void vuelo_output_stderr(const char *text) {
    add_output(EXPORTS_VUELO_LOAD_SUMMARY_DESTINATION_STDERR, NULL, text);
}

void vuelo_output_file(const char *name, const char *text) {
    add_output(EXPORTS_VUELO_LOAD_SUMMARY_DESTINATION_FILE, name, text);
}

bool exports_vuelo_load_summary_summarize(project_string_t *results,
                                          exports_vuelo_load_summary_list_output_t *ret,
                                          project_string_t *err) {
    char *failure = scenario_summarize(text_of(results));
    *ret = outputs;
    outputs = (exports_vuelo_load_summary_list_output_t){0};
    return ended(failure, results, err);
}

#endif
