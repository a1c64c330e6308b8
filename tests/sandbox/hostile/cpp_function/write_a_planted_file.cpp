// Writes to a file that everybody may write.
//
// layer: mount namespace
// allowed: runtime_error
// twin: none: a write outside would spoil the bait

int f(int x) { ofstream file("PLANTED_FILE"); if (!(file << 1)) throw runtime_error("refused"); return 9; }
