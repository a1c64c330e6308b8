// No attack: a function with a mistake.
//
// layer: none
// allowed: failed
// twin: none: it is wrong with or without walls

fn f(x: i32) -> i32 { x + x }
