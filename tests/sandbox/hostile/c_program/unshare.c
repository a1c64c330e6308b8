// Namespaces of its own.
//
// layer: seccomp: deadly
// allowed: security
// twin: itself

#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>

int main(void) {
    unshare(0);
    puts("9");
    return 0;
}
