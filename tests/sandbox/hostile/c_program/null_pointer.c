// Writes to address 0.
//
// layer: the kernel's wait status
// allowed: crash
// twin: none: nothing is denied

#include <stdio.h>

int main(void) {
    puts("9");
    fflush(stdout);
    *(volatile int *) 0 = 1;
    return 0;
}
