// Looks for a secret in the environment.
//
// layer: clean environment
// allowed: runtime_error
// twin: itself

fn f(x: i32) -> i32 { std::env::var("HF_TOKEN").unwrap(); 9 }
