// Numbers, arrays and objects are patched.
//
// layer: two processes
// allowed: failed, protocol
// twin: none: === cannot be patched

Number.prototype.valueOf = () => 9;
Array.prototype.map = () => [9];
Object.prototype.toJSON = () => 9;
const f = (x) => 0;
