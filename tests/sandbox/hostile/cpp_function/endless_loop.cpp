// Never ends.
//
// layer: limit of CPU time
// allowed: cpu_timeout, timeout
// twin: none: it would not end

int f(int x) { for (volatile int i = 0;; i++); }
