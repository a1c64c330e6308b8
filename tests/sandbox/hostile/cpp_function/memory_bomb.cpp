// Asks for memory without end.
//
// layer: limit of memory
// allowed: memory
// twin: none: it would fill the machine

int f(int x) { for (;;) memset(new char[1 << 20], 1, 1 << 20); }
