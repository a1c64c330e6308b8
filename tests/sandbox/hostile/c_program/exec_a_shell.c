// Becomes whatever is there.
//
// layer: minimal root
// allowed: failed
// twin: itself

#include <stdio.h>
#include <unistd.h>

int main(void) {
    execl("/bin/sh", "sh", "-c", "echo 9", (char *) 0);
    puts("0");
    return 0;
}
