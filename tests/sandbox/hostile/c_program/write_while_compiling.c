// A directive that makes the compiler write a file elsewhere.
//
// layer: compiler's jail: --remount-ro /
// allowed: compile_error, failed
// twin: none: nothing is denied

#pragma GCC diagnostic ignored "-Wall"
#pragma GCC pch_preprocess "/tmp/x"
__asm__(".file \"/astraios-canary\"");
int main(void) { return 0; }
