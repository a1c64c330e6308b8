// Twice at each of the two hundred levels that a compiler allows.
//
// layer: RLIMIT_CPU and wall clock of the compiler
// allowed: compile_error
// twin: none: it never ends
// slow: yes

#include __FILE__
#include __FILE__
int main(void) { return 0; }
