// Starts a process.
//
// layer: system calls
// allowed: runtime_error
// twin: itself

#include <sys/wait.h>
int f(int x) { int child = fork(); if (child == 0) _exit(0); if (child < 0) throw runtime_error("refused"); waitpid(child, 0, 0); return 9; }
