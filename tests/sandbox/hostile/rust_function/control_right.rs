// No attack: what an honest function looks like.
//
// layer: none
// allowed: passed
// twin: itself

fn f(x: i32) -> i32 { x * x }
