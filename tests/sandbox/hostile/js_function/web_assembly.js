// Runs code in WebAssembly, which asks for much address space.
//
// layer: none
// allowed: passed
// twin: itself

const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 0, 108, 11);
const { f: square } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
const f = (x) => square(x); // x * x
