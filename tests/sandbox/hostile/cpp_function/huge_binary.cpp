// A program of a gigabyte.
//
// layer: limits of the compiler
// allowed: compile_error
// twin: none: it would fill the disk

char room[1 << 30] = {1};
int f(int x) { return room[x] ? 9 : 9; }
