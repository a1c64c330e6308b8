// An exception in a thread of its own ends the process.
//
// layer: the kernel tells
// allowed: crash, early_exit
// twin: none: it crashes with or without walls

#include <thread>
int f(int x) { thread t([] { throw 1; }); t.join(); return 0; }
