// Recursion without end.
//
// layer: RLIMIT_STACK
// allowed: crash
// twin: none: nothing is denied

#include <stdio.h>

static int deeper(volatile int k) { return deeper(k + 1) + k; }

int main(void) {
    printf("%d\n", deeper(0));
    return 0;
}
