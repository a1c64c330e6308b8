// No attack: what an honest function looks like.
//
// layer: none
// allowed: passed
// twin: itself

int f(int x) { return x * x; }
