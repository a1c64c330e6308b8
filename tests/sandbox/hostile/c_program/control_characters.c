// An answer that clears the screen of whoever reads it.
//
// layer: details are made printable
// allowed: failed
// twin: none: nothing is denied

#include <stdio.h>

int main(void) {
    puts("\033[2J\033]0;mine\007");
    return 0;
}
