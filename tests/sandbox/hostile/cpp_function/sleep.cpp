// Sleeps longer than anybody waits.
//
// layer: limit of wall time
// allowed: timeout
// twin: none: it would not end
// wall: 2

int f(int x) { for (;;) sleep(9); }
