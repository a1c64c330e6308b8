// Throws what is no error.
//
// layer: none
// allowed: runtime_error
// twin: none: it is an error with or without walls

const f = (x) => { throw undefined; };
