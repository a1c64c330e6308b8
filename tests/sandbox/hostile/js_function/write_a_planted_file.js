// Writes to a file that everybody may write.
//
// layer: mount namespace
// allowed: runtime_error
// twin: none: a write outside would spoil the bait

const f = (x) => { require('fs').writeFileSync('PLANTED_FILE', 'x'); return 9; };
