// The assembler puts a file of the machine into the program.
//
// layer: mount namespace of the compiler
// allowed: compile_error
// twin: itself

asm(".pushsection .rodata\n.incbin \"/etc/passwd\"\n.popsection");
int f(int x) { return 9; }
