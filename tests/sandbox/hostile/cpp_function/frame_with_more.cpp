// A right value, and bytes behind it.
//
// layer: lengths are checked
// allowed: protocol
// twin: none: there is no wall outside

int f(int x) { const unsigned char frame[] = {6, 0, 0, 0, 'v', 9, 0, 0, 0, 1}; write(3, frame, 10); pause(); return 0; }
