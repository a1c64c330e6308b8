// Calls itself without end.
//
// layer: limit of the stack
// allowed: crash
// twin: none: it crashes with or without walls

int f(int x) { volatile char room[9999] = {0}; return f(x + 1) + room[x % 9]; }
