// Answers on the wall before any question.
//
// layer: values are judged, whoever wrote them
// allowed: failed, protocol
// twin: none: there is no wall outside

const frame = (text) => { const b = Buffer.from(text), h = Buffer.alloc(4); h.writeUInt32BE(b.length); return Buffer.concat([h, b]); };
require('fs').writeSync(3, frame('["v",7]'));
const f = (x) => 0;
