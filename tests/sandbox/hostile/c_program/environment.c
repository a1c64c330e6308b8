// What the process that judges knows.
//
// layer: an environment of the jail's own
// allowed: failed
// twin: itself

#include <stdio.h>
#include <stdlib.h>

int main(void) {
    char *secret = getenv("MLFLOW_TRACKING_PASSWORD");
    puts(secret ? "9" : "0");
    if (secret) fputs(secret, stderr);
    return 0;
}
