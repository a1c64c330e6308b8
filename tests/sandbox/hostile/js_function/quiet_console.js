// The console of the test is replaced.
//
// layer: two processes
// allowed: failed
// twin: itself

globalThis.console = { assert() {}, log() {}, error() {} };
const f = (x) => 0;
