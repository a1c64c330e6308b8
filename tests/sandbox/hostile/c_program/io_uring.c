// System calls through a queue, which no filter sees.
//
// layer: seccomp: deadly
// allowed: security
// twin: itself

#include <stdio.h>
#include <unistd.h>
#include <sys/syscall.h>

int main(void) {
    syscall(SYS_io_uring_setup, 0, 0);
    puts("9");
    return 0;
}
