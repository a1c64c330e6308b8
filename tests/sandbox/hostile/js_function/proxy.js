// A proxy that answers everything.
//
// layer: values cross, not objects
// allowed: failed, runtime_error
// twin: itself
// test: f(3) == 9

const f = (x) => new Proxy(function () {}, { get: (_, key) => (key === Symbol.toPrimitive ? () => 9 : undefined) });
