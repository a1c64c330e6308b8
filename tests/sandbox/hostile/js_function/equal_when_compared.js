// An object that becomes the expected value when it is compared.
//
// layer: values cross, not objects
// allowed: failed, runtime_error
// twin: itself
// test: f(3) == 9

let n = 9;
const f = (x) => ({ valueOf: () => n, toString: () => String(n) });
