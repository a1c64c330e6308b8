// Becomes the same program for ever.
//
// layer: RLIMIT_CPU lasts over exec; wall clock
// allowed: cpu_timeout, timeout, failed, runtime_error
// twin: none: it never ends
// wall: 0.7

#define _GNU_SOURCE
#include <unistd.h>

int main(void) {
    char *arguments[] = {"program", 0};
    for (int k = 0; k < 64; k++) fexecve(k, arguments, environ);
    return 0;
}
