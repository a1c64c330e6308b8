// Its own binary, for the next one.
//
// layer: it is a file in memory that nobody else has
// allowed: failed
// twin: none: a running program can nowhere be written

#include <fcntl.h>
#include <stdio.h>

int main(void) {
    int own = open("/proc/self/exe", O_WRONLY);
    puts(own >= 0 ? "9" : "0");
    return 0;
}
