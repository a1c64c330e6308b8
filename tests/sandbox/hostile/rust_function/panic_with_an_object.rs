// A panic with what is no text.
//
// layer: none
// allowed: runtime_error
// twin: none: it is an error with or without walls

fn f(x: i32) -> i32 { std::panic::panic_any(9) }
