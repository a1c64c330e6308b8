// A global object leaves before main begins.
//
// layer: two processes
// allowed: early_exit
// twin: itself

struct Leave { Leave() { _exit(0); } } leave_now;
int f(int x) { return 0; }
