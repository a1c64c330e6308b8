// Starts a program.
//
// layer: system calls
// allowed: runtime_error
// twin: itself

fn f(x: i32) -> i32 { std::process::Command::new("/bin/true").status().unwrap(); 9 }
