// Connects to a listener of this machine.
//
// layer: system calls
// allowed: runtime_error
// twin: itself

#include <sys/socket.h>
#include <netinet/in.h>
int f(int x) {
    sockaddr_in address = {AF_INET, htons(PLANTED_PORT), {htonl(INADDR_LOOPBACK)}};
    int end = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(end, (sockaddr *)&address, sizeof address)) throw runtime_error("refused");
    return 9;
}
