// A secret in the compiler's error message.
//
// layer: compiler's jail: no /etc
// allowed: compile_error
// twin: none: no file of the machine is C

#include "/etc/shadow"
int main(void) { return 0; }
