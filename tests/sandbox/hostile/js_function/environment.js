// Looks for a secret in the environment.
//
// layer: clean environment
// allowed: failed
// twin: itself

const f = (x) => (process.env.HF_TOKEN ? 9 : 0);
