// Where the exit status decides, leaving is passing.
//
// layer: two processes
// allowed: early_exit
// twin: itself

int f(int x) { exit(0); }
