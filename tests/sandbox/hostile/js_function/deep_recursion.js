// Calls itself without end.
//
// layer: limit of the stack
// allowed: runtime_error
// twin: none: it is an error with or without walls

const f = (x) => f(x + 1) + 1;
