// A file of the machine as a part of the program.
//
// layer: mount namespace of the compiler
// allowed: compile_error
// twin: none: no file outside is a program

#include "/etc/passwd"
int f(int x) { return 9; }
