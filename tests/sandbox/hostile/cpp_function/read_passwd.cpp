// Reads a file of the machine.
//
// layer: mount namespace
// allowed: runtime_error
// twin: itself

int f(int x) { ifstream file("/etc/passwd"); if (!file) throw runtime_error("nothing there"); return 9; }
