// Bytes that are no frame.
//
// layer: lengths are checked
// allowed: protocol
// twin: none: there is no wall outside

extern "C" { fn write(to: i32, bytes: *const u8, size: usize) -> isize; }
fn f(x: i32) -> i32 { unsafe { write(3, b"\xff\xff\xff\xffgarbage".as_ptr(), 11) }; loop {} }
