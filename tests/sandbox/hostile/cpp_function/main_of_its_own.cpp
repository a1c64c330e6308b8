// A program that is a main of its own judges itself.
//
// layer: two processes
// allowed: compile_error
// twin: none: two mains are an error everywhere

int f(int x) { return 0; }
int main() { return 0; }
