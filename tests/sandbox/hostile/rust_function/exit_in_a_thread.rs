// Leaves from another thread while the test looks at its answer.
//
// layer: two processes
// allowed: early_exit, failed
// twin: none: outside the test is quicker now and then

fn f(x: i32) -> i32 { std::thread::spawn(|| std::process::exit(0)); std::thread::sleep(std::time::Duration::from_millis(50)); 0 }
