// A handler of exit replaces the status of a failed test.
//
// layer: two processes
// allowed: early_exit, failed
// twin: none: an assertion aborts, which runs no handler

struct Quiet { ~Quiet() { _exit(0); } } quiet;
int f(int x) { return 0; }
