// Kills whoever started it.
//
// layer: process namespace
// allowed: early_exit, failed, crash
// twin: none: it would kill the tests

#include <signal.h>
int f(int x) { kill(getppid(), SIGKILL); kill(-1, SIGKILL); return 0; }
