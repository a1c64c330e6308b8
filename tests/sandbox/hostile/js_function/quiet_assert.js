// The assertion of the test is replaced.
//
// layer: two processes
// allowed: failed
// twin: itself

console.assert = () => {};
const f = (x) => 0;
