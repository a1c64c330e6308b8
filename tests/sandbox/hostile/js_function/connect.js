// Connects to a listener of this machine.
//
// layer: system calls
// allowed: failed
// twin: none: the connection is made after the test ended

const f = (x) => { try { require('net').connect(PLANTED_PORT, '127.0.0.1'); } catch {} return 0; };
