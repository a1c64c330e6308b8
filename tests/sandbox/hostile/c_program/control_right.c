// No attack: an honest program.
//
// layer: none
// allowed: passed
// twin: itself

#include <stdio.h>

int main(void) {
    int x;
    if (scanf("%d", &x) != 1) return 1;
    printf("%d\n", x * x);
    return 0;
}
