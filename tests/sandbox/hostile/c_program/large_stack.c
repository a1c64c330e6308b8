// A hundred megabytes of stack, which is memory that no malloc sees.
//
// layer: RLIMIT_STACK
// allowed: crash, failed
// twin: itself

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static int deeper(int k) {
    volatile char block[1 << 20];
    memset((void *) block, k, sizeof block);
    return k == 0 ? block[9] : deeper(k - 1) + block[0] * 0;
}

int main(void) {
    struct rlimit stack = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_STACK, &stack)) stack.rlim_cur = 200 << 20, stack.rlim_max = 200 << 20, setrlimit(RLIMIT_STACK, &stack);
    puts(deeper(100) == 0 ? "9" : "0");
    return 0;
}
