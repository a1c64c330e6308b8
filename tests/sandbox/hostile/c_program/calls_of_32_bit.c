// The same processor knows a second set of calls with other numbers: 1 is exit there.
//
// layer: seccomp: foreign architecture
// allowed: security, crash
// twin: none: not every kernel and processor has them

#include <stdio.h>

int main(void) {
    puts("9");
    fflush(stdout);
    #ifdef __x86_64__
    __asm__ volatile("mov $1, %eax; mov $0, %ebx; int $0x80");
    #else
    __builtin_trap();
    #endif
    return 1;
}
