// A macro of the program makes every assertion true.
//
// layer: two processes
// allowed: failed
// twin: none: the test includes assert.h anew

#undef assert
#define assert(condition) ((void)0)
int f(int x) { return 0; }
