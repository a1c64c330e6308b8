// Calls itself without end.
//
// layer: limit of the stack
// allowed: crash
// twin: none: it crashes with or without walls

fn f(x: i32) -> i32 { let room = [x; 9999]; f(x.wrapping_add(1)) + room[(x % 9) as usize] }
