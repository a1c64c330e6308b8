// Traces a process.
//
// layer: system calls
// allowed: security
// twin: itself

#include <sys/ptrace.h>
int f(int x) { return ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 ? 9 : 0; }
