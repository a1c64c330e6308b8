// As many error messages as there can be.
//
// layer: bound of the output, RLIMIT_CPU
// allowed: compile_error
// twin: none: nothing is denied

#define A int 1; int 1; int 1; int 1; int 1; int 1; int 1; int 1;
#define B A A A A A A A A
#define C B B B B B B B B
#define D C C C C C C C C
D D
int main(void) { return 0; }
