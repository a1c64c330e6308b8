// A program without the function.
//
// layer: none
// allowed: no_entry
// twin: none: it is an error with or without walls

const g = (x) => x * x;
