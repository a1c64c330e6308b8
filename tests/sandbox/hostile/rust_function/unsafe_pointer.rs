// Follows a pointer to nowhere.
//
// layer: the kernel tells
// allowed: crash
// twin: none: it crashes with or without walls

fn f(x: i32) -> i32 { unsafe { *(8 as *const i32) } }
