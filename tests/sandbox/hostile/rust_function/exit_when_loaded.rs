// A function of the loader leaves before main begins.
//
// layer: two processes
// allowed: early_exit
// twin: itself

extern "C" { fn _exit(status: i32) -> !; }
extern "C" fn leave() { unsafe { _exit(0) } }
#[used]
#[link_section = ".init_array"]
static EARLY: extern "C" fn() = leave;
fn f(x: i32) -> i32 { 0 }
