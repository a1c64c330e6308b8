// No attack: a program that has a main, prints, and uses threads and crates.
//
// layer: none
// allowed: passed
// twin: none: it needs crates outside

use rand::Rng;
use regex::Regex;

fn f(x: i32) -> i32 {
    println!("{} {}", Regex::new("a+").unwrap().is_match("a"), rand::thread_rng().gen::<i32>());
    std::thread::spawn(move || x * x).join().unwrap()
}

fn main() {
    println!("{}", f(3));
}
