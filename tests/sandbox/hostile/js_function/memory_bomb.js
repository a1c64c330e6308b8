// Asks for memory without end.
//
// layer: limit of memory
// allowed: memory, crash
// twin: none: it would fill the machine
// slow: yes

const f = (x) => { const all = []; for (;;) all.push(new Array(1 << 16).fill(x)); };
