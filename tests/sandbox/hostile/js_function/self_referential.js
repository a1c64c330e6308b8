// An array that holds itself.
//
// layer: values are bounded
// allowed: runtime_error
// twin: none: outside it is only unequal

const f = (x) => { const all = []; all.push(all); return all; };
