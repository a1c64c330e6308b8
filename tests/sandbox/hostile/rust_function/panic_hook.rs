// A hook of panics leaves with 0 when the test fails.
//
// layer: two processes
// allowed: failed
// twin: itself

fn f(x: i32) -> i32 { std::panic::set_hook(Box::new(|_| std::process::exit(0))); 0 }
