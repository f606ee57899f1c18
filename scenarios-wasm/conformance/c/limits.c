// Limits, and the language itself.

#include "conformance.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static char *traps(void) {
    if (vuelo_vu_iteration() == 0)
        __builtin_trap();
    vuelo_autofree char *padding = vuelo_json_string(vuelo_json_member(data, "padding"));
    if (!padding)
        return vuelo_fail("no padding");
    say("instance=new");
    say("data=%zu", strlen(padding));
    return NULL;
}

__attribute__((noinline)) void throws_deliberately(void) {
    fputs("this was thrown\n", stderr);
    abort();
}

static char *exception(void) {
    throws_deliberately();
}

static char *exits(void) {
    if (vuelo_vu_iteration() == 0)
        exit(3);
    say("instance=new");
    return NULL;
}

static char *memory(void) {
    if (vuelo_vu_iteration() > 0) {
        say("after=true");
        return NULL;
    }
    enum { MIB = 1048576 };
    struct block {
        struct block *before;
        char touched[MIB - sizeof(struct block *)];
    } *last = NULL, *block;
    int taken = 0;
    for (; (block = malloc(sizeof *block)); taken++) {
        memset(block->touched, 1, sizeof block->touched);
        block->before = last;
        last = block;
    }
    while (last) {
        block = last->before;
        free(last);
        last = block;
    }
    return vuelo_fail("no memory after %d MiB", taken);
}

static char *endless(void) {
    for (volatile unsigned count = 0;;)
        count++;
}

// It has an end, which no stack reaches.
__attribute__((noinline)) static unsigned deeper(volatile unsigned *depth) {
    volatile unsigned here = *depth + 1;
    return here == 0 ? 0 : deeper(&here) + here;
}

static char *overflow(void) {
    if (vuelo_vu_iteration() > 0) {
        say("after=true");
        return NULL;
    }
    volatile unsigned depth = 0;
    return vuelo_fail("came back from %u", deeper(&depth));
}

// The address keeps each call from becoming a turn of a loop.
__attribute__((noinline)) static unsigned nested(volatile unsigned *calls) {
    volatile unsigned left = *calls - 1;
    return left == 0 ? 1 : nested(&left) + 1;
}

static char *deep(void) {
    volatile unsigned calls = 400;
    say("depth=%u", nested(&calls));
    return NULL;
}

static char *prints(void) {
    puts("hello");
    fputs("hello\n", stderr);
    return NULL;
}

static char *clocks(void) {
    struct timespec before, after;
    say("clock=%lld", (long long)time(NULL));
    clock_gettime(CLOCK_MONOTONIC, &before);
    vuelo_sleep(VUELO_MILLISECONDS(20));
    clock_gettime(CLOCK_MONOTONIC, &after);
    long long passed =
        (after.tv_sec - before.tv_sec) * 1000000000LL + (after.tv_nsec - before.tv_nsec);
    say("monotonic=%s", yes(passed >= 15000000));
    return NULL;
}

const struct flow limit_flows[] = {
    {"trap", traps},
    {"exception", exception},
    {"exit", exits},
    {"memory", memory},
    {"endless", endless},
    {"overflow", overflow},
    {"deep", deep},
    {"print", prints},
    {"clock", clocks},
    {NULL, NULL},
};
