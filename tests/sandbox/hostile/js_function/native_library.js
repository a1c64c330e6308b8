// Loads a library of its own.
//
// layer: /tmp runs nothing
// allowed: runtime_error
// twin: none: no library is there outside

const f = (x) => { process.dlopen({ exports: {} }, '/tmp/none.node'); return 9; };
