// Looks for a secret in the environment of the compiler.
//
// layer: clean environment
// allowed: compile_error
// twin: itself

fn f(x: i32) -> i32 { if env!("HF_TOKEN").len() > 0 { 9 } else { 0 } }
