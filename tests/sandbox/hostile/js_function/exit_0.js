// Where the exit status decides, leaving is passing.
//
// layer: two processes
// allowed: early_exit
// twin: itself

const f = (x) => { process.exit(0); };
