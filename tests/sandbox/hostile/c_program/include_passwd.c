// The same, with a file that all may read.
//
// layer: compiler's jail: no /etc
// allowed: compile_error
// twin: none: no file of the machine is C

#include "/etc/passwd"
int main(void) { return 0; }
