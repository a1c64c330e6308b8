// Closes the module that it is in.
//
// layer: two processes
// allowed: compile_error, failed, early_exit
// twin: none: there is no module outside

fn f(x: i32) -> i32 { 0 }
}
fn main() { std::process::exit(0) }
mod rest {
