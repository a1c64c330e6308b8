// Leaves by the function below process.exit.
//
// layer: two processes
// allowed: early_exit
// twin: itself

const f = (x) => { process.reallyExit(0); };
