// Looks for a secret in the environment.
//
// layer: clean environment
// allowed: runtime_error
// twin: itself

int f(int x) { if (!getenv("HF_TOKEN")) throw runtime_error("nothing there"); return 9; }
