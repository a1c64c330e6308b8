// A key called __proto__ in the answer.
//
// layer: values are rebuilt
// allowed: failed
// twin: none: the object is its own outside
// test: ({}).x === 9 || f(3).x === 9 || ({}).x === 9

const f = (x) => JSON.parse('{"__proto__": {"x": 9}}');
