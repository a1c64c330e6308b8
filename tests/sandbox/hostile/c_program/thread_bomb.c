// As many threads as there can be.
//
// layer: RLIMIT_NPROC
// allowed: failed
// twin: itself

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    pthread_t thread;
    int made = 0;
    while (made < 40 && pthread_create(&thread, 0, (void *(*)(void *)) pause, 0) == 0) made++;
    puts(made == 40 ? "9" : "0");
    return 0;
}
