// A program that is in no folder.
//
// layer: seccomp: memfd_create
// allowed: failed
// twin: itself

#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

int main(void) {
    puts(memfd_create("program", 0) >= 0 ? "9" : "0");
    return 0;
}
