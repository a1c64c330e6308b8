// Reads a file of the machine.
//
// layer: mount namespace
// allowed: runtime_error
// twin: itself

const f = (x) => require('fs').readFileSync('/etc/passwd').length > 0 && 9;
