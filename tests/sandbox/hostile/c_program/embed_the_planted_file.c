// The same, with what is planted.
//
// layer: compiler's jail: mount namespace
// allowed: compile_error
// twin: itself

#include <stdio.h>

__asm__(".section .rodata\nfound: .incbin \"PLANTED_FILE\"\n.byte 0\n.text");
extern const char found[];

int main(void) {
    puts(found[0] == 'u' ? "9" : "0");
    return 0;
}
