// Asks to be traced.
//
// layer: seccomp: deadly
// allowed: security
// twin: itself

#include <stdio.h>
#include <sys/ptrace.h>

int main(void) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    puts("9");
    return 0;
}
