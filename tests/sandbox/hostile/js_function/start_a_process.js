// Starts a program.
//
// layer: system calls
// allowed: runtime_error
// twin: itself

const f = (x) => { require('child_process').execFileSync('/bin/true'); return 9; };
