// Who is on this machine.
//
// layer: mount namespace: no /etc
// allowed: failed
// twin: itself

#include <stdio.h>

int main(void) {
    puts(fopen("/etc/passwd", "r") ? "9" : "0");
    return 0;
}
