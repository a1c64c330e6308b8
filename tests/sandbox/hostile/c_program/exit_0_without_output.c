// Where the exit status decides, this passes.
//
// layer: the output is compared
// allowed: failed
// twin: none: nothing is denied

int main(void) {
    return 0;
}
