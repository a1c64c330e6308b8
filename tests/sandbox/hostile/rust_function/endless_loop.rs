// Never ends.
//
// layer: limit of CPU time
// allowed: cpu_timeout, timeout
// twin: none: it would not end

fn f(mut x: i32) -> i32 { loop { x = x.wrapping_add(1); } }
