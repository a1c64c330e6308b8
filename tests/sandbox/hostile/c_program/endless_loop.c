// Until somebody ends it.
//
// layer: wall clock
// allowed: cpu_timeout, timeout
// twin: none: it never ends
// wall: 0.7

int main(void) {
    for (volatile int k = 0;; k++) {}
}
