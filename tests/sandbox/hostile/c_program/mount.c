// A file system of its own.
//
// layer: seccomp: deadly
// allowed: security
// twin: itself

#include <stdio.h>
#include <sys/mount.h>

int main(void) {
    mount("none", "/astraios-nowhere", "tmpfs", 0, 0);
    puts("9");
    return 0;
}
