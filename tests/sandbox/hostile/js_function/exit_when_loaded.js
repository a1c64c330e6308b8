// Leaves while the program is loaded.
//
// layer: two processes
// allowed: early_exit
// twin: itself

process.exit(0);
const f = (x) => 0;
