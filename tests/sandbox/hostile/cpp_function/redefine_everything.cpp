// Macros of the program change the words of the code behind it.
//
// layer: two processes
// allowed: compile_error, failed, early_exit, protocol
// twin: none: the walls have no such code outside

int f(int x) { return 0; }
#define return exit(0); return
