// Writes a verdict on every descriptor.
//
// layer: the verdict has a channel of its own
// allowed: protocol, early_exit, failed
// twin: none: the verdict has no channel outside

int f(int x) { for (int i = 0; i < 64; i++) write(i, "passed\n0", 8); return 0; }
