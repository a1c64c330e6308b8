// Uses the bindings below the modules.
//
// layer: mount namespace
// allowed: runtime_error, failed
// twin: none: it is not there in every version

const f = (x) => (process.binding('fs').internalModuleStat('/etc/passwd') === 0 ? 9 : 0);
