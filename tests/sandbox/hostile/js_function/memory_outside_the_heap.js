// Asks for buffers without end.
//
// layer: limit of memory
// allowed: memory, crash, runtime_error, cpu_timeout
// twin: none: it would fill the machine

const f = (x) => { const all = []; for (;;) all.push(Buffer.alloc(1 << 26, 1)); };
