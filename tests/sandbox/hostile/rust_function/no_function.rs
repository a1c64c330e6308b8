// A program without the function.
//
// layer: none
// allowed: compile_error
// twin: none: it is an error with or without walls

fn g(x: i32) -> i32 { x * x }
