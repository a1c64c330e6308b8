// The modules that the test would load are replaced.
//
// layer: two processes
// allowed: failed
// twin: none: the test outside loads none

require('assert').strictEqual = () => {};
for (const name of Object.keys(require.cache)) require.cache[name].exports = new Proxy(() => 9, {});
const f = (x) => 0;
