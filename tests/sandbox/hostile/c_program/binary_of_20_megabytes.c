// A program that is just too large.
//
// layer: RLIMIT_FSIZE
// allowed: compile_error
// twin: none: nothing is denied

char data[20 << 20] = {1};
int main(void) { return 0; }
