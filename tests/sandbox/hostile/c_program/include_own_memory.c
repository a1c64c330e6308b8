// Files of the compiler's process.
//
// layer: compiler's jail: no /proc
// allowed: compile_error
// twin: none: no file of the machine is C

#include "/proc/self/environ"
int main(void) { return 0; }
