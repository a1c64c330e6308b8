// Bytes that are no frame.
//
// layer: lengths are checked
// allowed: protocol
// twin: none: there is no wall outside

const f = (x) => { require('fs').writeSync(3, Buffer.from('\xff\xff\xff\xffgarbage', 'latin1')); for (;;); };
