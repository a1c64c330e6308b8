//! Values as bytes.

use crate::MOST_BYTES;
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;

/// A value that can be put into a frame.
pub trait Put {
    fn put(&self, out: &mut Vec<u8>);
}

/// A value that can be taken out of a frame. References are taken as what they refer to, which is kept for ever.
pub trait Take: Sized {
    fn take(input: &mut Reader) -> Self;
}

/// The value of the type that the caller expects.
pub fn take<T: Take>(input: &mut Reader) -> T {
    T::take(input)
}

pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Reader { bytes }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.raw(1)[0]
    }

    fn raw(&mut self, size: usize) -> &'a [u8] {
        assert!(size <= self.bytes.len(), "it ends too early");
        let (taken, rest) = self.bytes.split_at(size);
        self.bytes = rest;
        taken
    }

    fn size(&mut self) -> usize {
        let size = u32::take(self) as usize;
        assert!(size <= self.bytes.len(), "it announces more than it holds");
        size
    }
}

fn put_size(size: usize, out: &mut Vec<u8>) {
    assert!(out.len() <= MOST_BYTES, "a value of more than 8 MiB does not cross the wall");
    (size as u32).put(out)
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Put for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes())
            }
        }
        impl Take for $number {
            fn take(input: &mut Reader) -> Self {
                let mut bytes = [0; std::mem::size_of::<$number>()];
                bytes.copy_from_slice(input.raw(std::mem::size_of::<$number>()));
                <$number>::from_be_bytes(bytes)
            }
        }
    )*};
}
numbers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);

impl Put for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self as u8)
    }
}
impl Take for bool {
    fn take(input: &mut Reader) -> Self {
        input.byte() != 0
    }
}

impl Put for char {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u32).put(out)
    }
}
impl Take for char {
    fn take(input: &mut Reader) -> Self {
        char::from_u32(u32::take(input)).expect("no character")
    }
}

impl Put for str {
    fn put(&self, out: &mut Vec<u8>) {
        put_size(self.len(), out);
        out.extend_from_slice(self.as_bytes())
    }
}
impl Put for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_str().put(out)
    }
}
impl Take for String {
    fn take(input: &mut Reader) -> Self {
        let size = input.size();
        String::from_utf8(input.raw(size).to_vec()).expect("no UTF-8")
    }
}
impl Take for &'static str {
    fn take(input: &mut Reader) -> Self {
        Box::leak(String::take(input).into_boxed_str())
    }
}

macro_rules! references {
    ($($kind:ty),*; $($kept:ty),*; $($slice:ty),*) => {
        $(impl<T: Put + ?Sized> Put for $kind {
            fn put(&self, out: &mut Vec<u8>) {
                (**self).put(out)
            }
        })*
        $(impl<T: Take> Take for $kept {
            fn take(input: &mut Reader) -> Self {
                Box::leak(Box::new(T::take(input)))
            }
        })*
        $(impl<T: Take> Take for $slice {
            fn take(input: &mut Reader) -> Self {
                Box::leak(Vec::<T>::take(input).into_boxed_slice())
            }
        })*
    };
}
references!(&T, &mut T, Box<T>; &'static T, &'static mut T; &'static [T], &'static mut [T]);

impl<T: Take> Take for Box<T> {
    fn take(input: &mut Reader) -> Self {
        Box::new(T::take(input))
    }
}

impl<T: Put> Put for [T] {
    fn put(&self, out: &mut Vec<u8>) {
        put_size(self.len(), out);
        self.iter().for_each(|value| value.put(out))
    }
}
impl<T: Put, const N: usize> Put for [T; N] {
    fn put(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|value| value.put(out))
    }
}
impl<T: Take, const N: usize> Take for [T; N] {
    fn take(input: &mut Reader) -> Self {
        [(); N].map(|_| T::take(input))
    }
}

macro_rules! collections {
    ($([$($put:tt)*] [$($take:tt)*] $kind:ty: $item:ty;)*) => {$(
        impl<$($put)*> Put for $kind {
            fn put(&self, out: &mut Vec<u8>) {
                put_size(self.len(), out);
                self.iter().for_each(|value| value.put(out))
            }
        }
        impl<$($take)*> Take for $kind {
            fn take(input: &mut Reader) -> Self {
                (0..input.size()).map(|_| <$item>::take(input)).collect()
            }
        }
    )*};
}
collections! {
    [T: Put] [T: Take] Vec<T>: T;
    [T: Put] [T: Take] VecDeque<T>: T;
    [T: Put] [T: Take + Ord] BTreeSet<T>: T;
    [T: Put] [T: Take + Eq + Hash] HashSet<T>: T;
    [K: Put, V: Put] [K: Take + Ord, V: Take] BTreeMap<K, V>: (K, V);
    [K: Put, V: Put] [K: Take + Eq + Hash, V: Take] HashMap<K, V>: (K, V);
}

macro_rules! tuples {
    ($(($($part:ident),*))*) => {$(
        #[allow(non_snake_case, unused_variables)]
        impl<$($part: Put),*> Put for ($($part,)*) {
            fn put(&self, out: &mut Vec<u8>) {
                let ($($part,)*) = self;
                $($part.put(out);)*
            }
        }
        #[allow(unused_variables)]
        impl<$($part: Take),*> Take for ($($part,)*) {
            fn take(input: &mut Reader) -> Self {
                ($($part::take(input),)*)
            }
        }
    )*};
}
tuples! { () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

impl<T: Put> Put for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        self.iter().for_each(|value| value.put(out))
    }
}
impl<T: Take> Take for Option<T> {
    fn take(input: &mut Reader) -> Self {
        bool::take(input).then(|| T::take(input))
    }
}

impl<T: Put, E: Put> Put for Result<T, E> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_ok().put(out);
        match self {
            Ok(value) => value.put(out),
            Err(error) => error.put(out),
        }
    }
}
impl<T: Take, E: Take> Take for Result<T, E> {
    fn take(input: &mut Reader) -> Self {
        if bool::take(input) {
            Ok(T::take(input))
        } else {
            Err(E::take(input))
        }
    }
}

/// What a value of any type arrives as when its type does not cross.
pub struct Opaque;

macro_rules! anything {
    ($($tag:literal $kind:ty),*) => {
        impl Put for dyn Any {
            fn put(&self, out: &mut Vec<u8>) {
                $(if let Some(value) = self.downcast_ref::<$kind>() {
                    out.push($tag);
                    return value.put(out);
                })*
                out.push(0)
            }
        }
        impl Take for Box<dyn Any> {
            fn take(input: &mut Reader) -> Self {
                match input.byte() {
                    0 => Box::new(Opaque),
                    $($tag => Box::new(<$kind>::take(input)),)*
                    _ => panic!("a value of no kind"),
                }
            }
        }
    };
}
anything!(
    1 i32, 2 i64, 3 u32, 4 u64, 5 usize, 6 u8, 7 f32, 8 f64, 9 bool, 10 char, 11 String, 12 &'static str,
    13 Vec<i32>, 14 Vec<String>, 15 Vec<&'static str>, 16 Vec<f64>
);

impl Take for &'static dyn Any {
    fn take(input: &mut Reader) -> Self {
        Box::leak(Box::<dyn Any>::take(input))
    }
}

/// A value of a type that the program declares: it crosses as the text that `{:?}` gives.
pub struct Shown<T> {
    text: String,
    kind: PhantomData<T>,
}

pub fn put_shown<T: Debug>(value: &T, out: &mut Vec<u8>) {
    format!("{:?}", value).put(out)
}

impl<T> Take for Shown<T> {
    fn take(input: &mut Reader) -> Self {
        Shown { text: String::take(input), kind: PhantomData }
    }
}
impl<T: Debug> PartialEq<T> for Shown<T> {
    fn eq(&self, other: &T) -> bool {
        self.text == format!("{:?}", other)
    }
}
impl<T> Debug for Shown<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}
