// The function that assert calls is replaced by one that does nothing.
//
// layer: two processes
// allowed: failed, compile_error
// twin: itself

extern "C" void __assert_fail(const char *, const char *, unsigned, const char *) throw() { _exit(0); }
int f(int x) { return 0; }
