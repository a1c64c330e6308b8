// No attack: an honest program that is wrong.
//
// layer: none
// allowed: failed
// twin: none: it is wrong everywhere

#include <stdio.h>

int main(void) {
    puts("6");
    return 0;
}
