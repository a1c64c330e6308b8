// Asks for memory without end.
//
// layer: limit of memory
// allowed: memory, crash
// twin: none: it would fill the machine

fn f(x: i32) -> i32 { let mut all = Vec::new(); loop { all.push(vec![1u8; 1 << 24]); } }
