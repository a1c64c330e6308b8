// What the compiler itself reads.
//
// layer: standard input is empty
// allowed: compile_error, failed
// twin: none: nothing is denied

#include "/dev/stdin"
int main(void) { return 0; }
