// A panic that says it is a pass.
//
// layer: the verdict has a channel of its own
// allowed: runtime_error
// twin: none: it is an error with or without walls

fn f(x: i32) -> i32 { panic!("\n0\npassed") }
