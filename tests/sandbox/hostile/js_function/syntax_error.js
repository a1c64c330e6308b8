// No program at all.
//
// layer: none
// allowed: load_error
// twin: none: it is an error with or without walls

const f = (x) => {
