// An exception that says it is a pass.
//
// layer: the verdict has a channel of its own
// allowed: runtime_error
// twin: none: it is an error with or without walls

struct Passed : exception { const char *what() const throw() { return "\n0\npassed"; } };
int f(int x) { throw Passed(); }
