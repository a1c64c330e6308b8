// Without end.
//
// layer: the compiler's bound of depth, RLIMIT_FSIZE
// allowed: compile_error
// twin: none: nothing is denied

#include __FILE__
int main(void) { return 0; }
