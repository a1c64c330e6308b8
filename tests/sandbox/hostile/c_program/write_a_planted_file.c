// A file that anybody on this machine may write.
//
// layer: mount namespace
// allowed: failed
// twin: itself

#include <stdio.h>

int main(void) {
    FILE *file = fopen("PLANTED_FILE", "a");
    if (file) fputs("was here", file);
    puts(file ? "9" : "0");
    return 0;
}
