// Memory of another process.
//
// layer: seccomp: deadly
// allowed: security
// twin: itself

#include <stdio.h>
#include <unistd.h>
#include <sys/syscall.h>

int main(void) {
    syscall(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0);
    puts("9");
    return 0;
}
