//! The wall between a unit test and the Rust function that it tests: values cross as bytes on descriptor 3.
//!
//! A frame is four bytes of length and its content. A request holds the arguments; an answer is 'v' with the value,
//! or 'x' with the text of a panic. The side of the test trusts no byte of an answer.

use std::any::Any;
use std::fs::File;
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::os::unix::io::FromRawFd;
use std::panic::{self, AssertUnwindSafe};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Once;

mod values;
pub use values::{put_shown, take, Opaque, Put, Reader, Shown, Take};

const MOST_BYTES: usize = 8 << 20; // of a frame

// How the process of a test ends.
const RAISED: i32 = 11;
const VACUOUS: i32 = 12;
const GONE: i32 = 13;
const PROTOCOL: i32 = 14;

fn wall() -> ManuallyDrop<File> {
    ManuallyDrop::new(unsafe { File::from_raw_fd(3) })
}

fn send(content: &[u8]) -> io::Result<()> {
    let mut frame = (content.len() as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(content);
    wall().write_all(&frame)
}

fn receive() -> io::Result<Vec<u8>> {
    let mut header = [0; 4];
    wall().read_exact(&mut header)?;
    let size = u32::from_be_bytes(header) as usize;
    if size > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame of more than 8 MiB"));
    }
    let mut content = vec![0; size];
    wall().read_exact(&mut content)?;
    Ok(content)
}

// The side of the test.

static CALLS: AtomicUsize = AtomicUsize::new(0);
static HOOK: Once = Once::new();

fn leave(status: i32, detail: &str) -> ! {
    eprintln!("{}", detail);
    process::exit(status)
}

/// The value that the other side answers to these arguments.
pub fn call<R: Take>(arguments: Vec<u8>) -> R {
    HOOK.call_once(|| panic::set_hook(Box::new(|panic| eprintln!("{}", panic.to_string().replace('\n', " ")))));
    CALLS.fetch_add(1, Ordering::SeqCst);
    if send(&arguments).is_err() {
        leave(GONE, "");
    }
    let answer = receive().unwrap_or_else(|error| match error.kind() {
        io::ErrorKind::InvalidData => leave(PROTOCOL, &error.to_string()),
        _ => leave(GONE, ""),
    });
    let mut input = Reader::of(&answer);
    let value = panic::catch_unwind(AssertUnwindSafe(|| match input.byte() {
        b'v' => R::take(&mut input),
        b'x' => leave(RAISED, &String::from_utf8_lossy(input.rest()).replace('\n', " ")),
        _ => panic!("no kind of answer"),
    }));
    match value {
        Ok(value) if input.rest().is_empty() => value,
        Ok(_) => leave(PROTOCOL, "bytes follow the value"),
        Err(reason) => leave(PROTOCOL, &text_of(&*reason)),
    }
}

/// The last test of all: one without a call says nothing of the function.
pub fn require_calls() {
    if CALLS.load(Ordering::SeqCst) == 0 {
        leave(VACUOUS, "the test never called the function");
    }
}

// The side of the function.

/// Answer calls until the test is gone.
pub fn serve(answer: fn(&mut Reader, &mut Vec<u8>)) -> ! {
    panic::set_hook(Box::new(|_| ()));
    while let Ok(request) = receive() {
        let mut out = vec![b'v'];
        let run = AssertUnwindSafe(|| answer(&mut Reader::of(&request), &mut out));
        if let Err(reason) = panic::catch_unwind(run) {
            out = [b"x", text_of(&*reason).as_bytes()].concat();
        }
        if out.len() > MOST_BYTES {
            out = b"xa value of more than 8 MiB does not cross the wall".to_vec();
        }
        if send(&out).is_err() {
            break;
        }
    }
    process::exit(0)
}

fn text_of(reason: &(dyn Any + Send)) -> String {
    let text = match (reason.downcast_ref::<&str>(), reason.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "a panic without a text",
    };
    text.chars().take(200).collect()
}
