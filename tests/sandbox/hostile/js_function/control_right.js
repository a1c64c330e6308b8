// No attack: what an honest function looks like.
//
// layer: none
// allowed: passed
// twin: itself

const f = (x) => x * x;
