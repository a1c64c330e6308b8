// Brings a module of tests of its own.
//
// layer: two processes
// allowed: failed
// twin: none: two modules of one name are an error

fn f(x: i32) -> i32 { 0 }
#[cfg(test)]
mod tests { #[test] fn passes() {} }
