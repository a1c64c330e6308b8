// A frame that ends in the middle of its value.
//
// layer: lengths are checked
// allowed: protocol
// twin: none: there is no wall outside

int f(int x) { const unsigned char frame[] = {3, 0, 0, 0, 'v', 9, 0}; write(3, frame, 7); pause(); return 0; }
