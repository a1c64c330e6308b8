// A type of its own that equals everything.
//
// layer: values cross, not objects
// allowed: compile_error
// twin: itself

#[derive(Debug)]
struct Any;
impl PartialEq<i32> for Any { fn eq(&self, _: &i32) -> bool { true } }
fn f(x: i32) -> Any { Any }
