// Bytes that are no frame.
//
// layer: lengths are checked
// allowed: protocol, early_exit
// twin: none: there is no wall outside

int f(int x) { const char bytes[] = "\xff\xff\xff\xff garbage"; write(3, bytes, sizeof bytes); pause(); return 0; }
