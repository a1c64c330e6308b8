// A program without the function.
//
// layer: none
// allowed: compile_error
// twin: none: it is an error with or without walls

int g(int x) { return x * x; }
