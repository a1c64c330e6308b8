// Writes to a file that everybody may write.
//
// layer: mount namespace
// allowed: runtime_error
// twin: none: a write outside would spoil the bait

fn f(x: i32) -> i32 { std::fs::write("PLANTED_FILE", "x").unwrap(); 9 }
