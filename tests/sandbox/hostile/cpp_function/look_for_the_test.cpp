// Looks for the test in its own program.
//
// layer: two processes
// allowed: failed
// twin: itself

extern "C" int astraios_main_of_test() __attribute__((weak));
int f(int x) { ifstream program("/proc/self/exe"); return program ? 9 : 0; }
