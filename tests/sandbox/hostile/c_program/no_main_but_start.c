// No program of C at all.
//
// layer: linker
// allowed: compile_error, failed
// twin: none: nothing is denied

int start(void) { return 0; }
