// Sleeps longer than anybody waits.
//
// layer: limit of wall time
// allowed: timeout
// twin: none: it would not end
// wall: 2

const f = (x) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
