// An array without end.
//
// layer: values are bounded
// allowed: memory, crash, cpu_timeout, runtime_error
// twin: none: it would fill the machine

const f = (x) => new Array(4294967295);
