// Prints without end.
//
// layer: its output goes nowhere
// allowed: cpu_timeout, timeout
// twin: none: it would not end

int f(int x) { for (;;) puts("9"); }
