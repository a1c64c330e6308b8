// More than is allowed, at once.
//
// layer: RLIMIT_AS
// allowed: failed
// twin: itself

#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *volatile block = malloc(600 << 20);
    puts(block ? "9" : "0");
    return 0;
}
