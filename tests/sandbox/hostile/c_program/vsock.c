// Speaks to the host of a virtual machine. No namespace holds this.
//
// layer: seccomp: socket
// allowed: failed
// twin: none: needs a virtual machine's driver

#include <stdio.h>
#include <sys/socket.h>

int main(void) {
    puts(socket(40, SOCK_STREAM, 0) >= 0 ? "9" : "0");
    return 0;
}
