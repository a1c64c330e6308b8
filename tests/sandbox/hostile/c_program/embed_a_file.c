// The assembler puts any file into the program, which prints it.
//
// layer: compiler's jail: no /etc
// allowed: compile_error
// twin: itself

#include <stdio.h>

__asm__(".section .rodata\nfound: .incbin \"/etc/passwd\"\n.byte 0\n.text");
extern const char found[];

int main(void) {
    puts(found[0] ? "9" : "0");
    return 0;
}
