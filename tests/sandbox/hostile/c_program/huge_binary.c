// A program of a gigabyte.
//
// layer: RLIMIT_FSIZE, tmpfs: size
// allowed: compile_error
// twin: none: would fill the disk

char data[1 << 30] = {1};
int main(void) { return 0; }
