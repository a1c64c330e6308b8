// A frame with an object that no value is.
//
// layer: tags are checked
// allowed: protocol
// twin: none: there is no wall outside

const f = (x) => { const b = Buffer.from('["v",{"__proto__":9}]'), h = Buffer.alloc(4); h.writeUInt32BE(b.length); require('fs').writeSync(3, Buffer.concat([h, b])); for (;;); };
