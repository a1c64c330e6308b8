// The program ends before its function; what it returns instead is its own affair.
//
// layer: none
// allowed: failed
// twin: none: a program outside returns to nobody

return (x) => 0;
const f = (x) => x * x;
