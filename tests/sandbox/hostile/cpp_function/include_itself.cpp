// A file that includes itself.
//
// layer: limits of the compiler
// allowed: compile_error
// twin: none: it would not end

#include __FILE__
#include __FILE__
int f(int x) { return 9; }
