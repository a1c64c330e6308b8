// The usual way to run something.
//
// layer: seccomp: clone
// allowed: runtime_error
// twin: itself

class Solution {
    public int f(int x) throws Exception {
        return new ProcessBuilder("/bin/true").start().waitFor() == 0 ? 9 : 0;
    }
}
