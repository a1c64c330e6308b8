// Where the exit status decides, leaving is passing.
//
// layer: two processes
// allowed: early_exit
// twin: itself

fn f(x: i32) -> i32 { std::process::exit(0) }
