// Memory that is touched, until there is none.
//
// layer: RLIMIT_AS
// allowed: failed
// twin: none: would take the machine's memory

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    for (int k = 0; k < 4096; k++) {
        char *block = malloc(1 << 20);
        if (!block) { puts("0"); return 0; }
        memset(block, 1, 1 << 20);
    }
    puts("9");
    return 0;
}
