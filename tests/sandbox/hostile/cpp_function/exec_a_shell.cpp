// Becomes a shell that leaves with 0.
//
// layer: mount namespace
// allowed: early_exit, runtime_error, failed
// twin: itself

int f(int x) { execl("/bin/sh", "sh", "-c", "exit 0", (char *)0); return 0; }
