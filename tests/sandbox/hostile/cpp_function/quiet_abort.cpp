// A handler of SIGABRT leaves with 0 when the assertion of the test aborts.
//
// layer: two processes
// allowed: failed
// twin: itself

#include <signal.h>
static void quiet(int) { _exit(0); }
int f(int x) { signal(SIGABRT, quiet); return 0; }
