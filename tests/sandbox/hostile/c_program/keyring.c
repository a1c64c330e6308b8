// Keys of the user, in no namespace.
//
// layer: seccomp: deadly
// allowed: security
// twin: itself

#include <stdio.h>
#include <unistd.h>
#include <sys/syscall.h>

int main(void) {
    syscall(SYS_keyctl, 0, -3, 0);
    puts("9");
    return 0;
}
