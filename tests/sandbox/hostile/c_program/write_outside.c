// Any place will do.
//
// layer: --remount-ro / and /dev
// allowed: failed
// twin: itself, as root

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    const char *places[] = {"/astraios-canary", "/dev/astraios-canary", "/dev/shm/astraios-canary", "/usr/astraios-canary"};
    int done = 0;
    for (int k = 0; k < 4; k++)
        if (open(places[k], O_CREAT | O_WRONLY, 0600) >= 0) { done++; unlink(places[k]); }
    puts(done ? "9" : "0");
    return 0;
}
