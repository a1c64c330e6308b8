// Connects to a listener of this machine.
//
// layer: system calls
// allowed: runtime_error
// twin: itself

fn f(x: i32) -> i32 { std::net::TcpStream::connect("127.0.0.1:PLANTED_PORT").unwrap(); 9 }
