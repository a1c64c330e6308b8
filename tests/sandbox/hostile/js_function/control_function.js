// No attack: a declared function that prints and uses modules.
//
// layer: none
// allowed: passed
// twin: itself

const util = require('util');
function f(x) {
  console.log(util.inspect(x));
  return x * x;
}
