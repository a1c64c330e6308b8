// Follows a null pointer.
//
// layer: the kernel tells
// allowed: crash
// twin: none: it crashes with or without walls

int f(int x) { return *(volatile int *)0; }
