// A file of the machine as a part of the program.
//
// layer: mount namespace of the compiler
// allowed: compile_error
// twin: itself

const TEXT: &str = include_str!("/etc/passwd");
fn f(x: i32) -> i32 { if TEXT.len() > 0 { 9 } else { 0 } }
