// A handler of exit replaces the status of a failed test.
//
// layer: two processes
// allowed: failed
// twin: itself

process.on('exit', () => process.reallyExit(0));
const f = (x) => 0;
