// Root gets its capabilities back when it runs a program: then it would read what is closed.
//
// layer: bounding set, securebits, no_new_privs
// allowed: failed
// twin: itself, as root

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    int made = open("/tmp/closed", O_CREAT | O_WRONLY, 0600);
    close(made);
    chmod("/tmp/closed", 0);
    puts(open("/tmp/closed", O_RDONLY) >= 0 ? "9" : "0");
    return 0;
}
