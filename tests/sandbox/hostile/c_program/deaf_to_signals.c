// Ignores what can be ignored.
//
// layer: SIGKILL
// allowed: timeout
// twin: none: it never ends
// wall: 0.7

#include <signal.h>
#include <unistd.h>

int main(void) {
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    for (;;) pause();
}
