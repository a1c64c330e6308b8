// A file without an end.
//
// layer: RLIMIT_AS, RLIMIT_CPU
// allowed: compile_error
// twin: none: it never ends

#include "/dev/zero"
int main(void) { return 0; }
