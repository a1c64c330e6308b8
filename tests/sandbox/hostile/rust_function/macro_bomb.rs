// A macro that grows without end.
//
// layer: limits of the compiler
// allowed: compile_error
// twin: none: it would not end
// slow: yes

macro_rules! bomb { ($($x:tt)*) => { bomb!($($x)* $($x)* 1); }; }
fn f(x: i32) -> i32 { bomb!(1); 0 }
