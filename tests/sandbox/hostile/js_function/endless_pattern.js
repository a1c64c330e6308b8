// A pattern that never ends.
//
// layer: limit of CPU time
// allowed: cpu_timeout, timeout
// twin: none: it would not end

const f = (x) => /^(a+)+$/.test('a'.repeat(64) + 'b') ? 0 : 9;
