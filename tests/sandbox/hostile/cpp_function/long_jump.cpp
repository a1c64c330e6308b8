// A jump goes behind the test.
//
// layer: two processes
// allowed: early_exit
// twin: none: it has to find a frame of the test

#include <setjmp.h>
static jmp_buf behind;
static int end = setjmp(behind) ? (_exit(0), 0) : 0;
int f(int x) { longjmp(behind, 1); }
