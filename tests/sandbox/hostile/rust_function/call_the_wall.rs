// Calls the code that judges.
//
// layer: two processes
// allowed: early_exit, failed
// twin: none: there is no wall outside

fn f(x: i32) -> i32 { astraios_wall::require_calls(); 0 }
