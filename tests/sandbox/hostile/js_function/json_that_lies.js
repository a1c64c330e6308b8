// An object that says of itself what the test expects.
//
// layer: values cross, not objects
// allowed: failed
// twin: itself
// test: JSON.stringify(f(3)) === '[9]'

const f = (x) => ({ toJSON: () => [9] });
