// A promise is no value.
//
// layer: values cross, not objects
// allowed: failed
// twin: itself
// test: typeof f(3).then === "function"

const f = async (x) => 9;
