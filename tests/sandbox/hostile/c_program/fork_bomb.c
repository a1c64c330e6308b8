// Forks as often as it can, whatever it is told.
//
// layer: seccomp: clone; wall clock
// allowed: cpu_timeout, timeout
// twin: none: would take the machine down
// wall: 0.7

#include <unistd.h>

int main(void) {
    for (;;) fork();
}
