// Aborts.
//
// layer: the kernel tells
// allowed: crash
// twin: none: it crashes with or without walls

fn f(x: i32) -> i32 { std::process::abort() }
