// An error that says it is a pass.
//
// layer: the verdict has a channel of its own
// allowed: runtime_error
// twin: none: it is an error with or without walls

const f = (x) => { const e = new Error('\n0\npassed'); e.code = 0; throw e; };
