// A service of this machine.
//
// layer: seccomp: socket; network namespace
// allowed: failed
// twin: itself

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(PLANTED_PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int box = socket(AF_INET, SOCK_STREAM, 0);
    puts(connect(box, (struct sockaddr *) &there, sizeof there) == 0 ? "9" : "0");
    return 0;
}
