// Writes a verdict on every descriptor.
//
// layer: the verdict has a channel of its own
// allowed: protocol, failed, early_exit
// twin: none: the verdict has no channel outside

extern "C" { fn write(to: i32, bytes: *const u8, size: usize) -> isize; }
fn f(x: i32) -> i32 { for i in 0..64 { unsafe { write(i, b"passed\n0".as_ptr(), 8) }; } 0 }
