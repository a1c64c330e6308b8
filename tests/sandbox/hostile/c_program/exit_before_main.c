// Leaves before the program begins.
//
// layer: the output is compared
// allowed: failed
// twin: none: nothing is denied

#include <unistd.h>

__attribute__((constructor)) static void before(void) { _exit(0); }

int main(void) { return 1; }
