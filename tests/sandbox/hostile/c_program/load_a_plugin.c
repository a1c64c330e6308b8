// Options of the compiler in the source.
//
// layer: options cannot be given in a source
// allowed: failed, compile_error
// twin: none: nothing is denied

#pragma GCC optimize ("-fplugin=/tmp/source.c")
int main(void) { return 0; }
