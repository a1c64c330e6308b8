// Reads a file of the machine.
//
// layer: mount namespace
// allowed: runtime_error
// twin: itself

fn f(x: i32) -> i32 { std::fs::read("/etc/passwd").unwrap(); 9 }
