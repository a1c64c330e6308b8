// Types that never end.
//
// layer: limits of the compiler
// allowed: compile_error
// twin: none: it would not end
// slow: yes

trait Deep { fn deep(&self) -> i32; }
impl<T: Copy> Deep for T { fn deep(&self) -> i32 { (*self, *self).deep() } }
fn f(x: i32) -> i32 { x.deep() }
