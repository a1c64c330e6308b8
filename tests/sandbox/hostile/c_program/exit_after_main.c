// Overwrites the exit status of a program that failed.
//
// layer: the output is compared
// allowed: failed
// twin: none: nothing is denied

#include <unistd.h>

__attribute__((destructor)) static void after(void) { _exit(0); }

int main(void) { return 1; }
