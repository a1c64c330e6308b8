// A process of its own could outlive the check.
//
// layer: seccomp: clone
// allowed: failed
// twin: itself

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int child = fork();
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, 0, 0);
    puts(child > 0 ? "9" : "0");
    return 0;
}
