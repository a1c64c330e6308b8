// Answers on the wall before any question.
//
// layer: values are judged, whoever wrote them
// allowed: failed, protocol
// twin: none: there is no wall outside

extern "C" { fn write(to: i32, bytes: *const u8, size: usize) -> isize; }
fn f(x: i32) -> i32 { let frame = [0, 0, 0, 5, b'v', 0, 0, 0, 7u8]; unsafe { write(3, frame.as_ptr(), 9) }; 0 }
