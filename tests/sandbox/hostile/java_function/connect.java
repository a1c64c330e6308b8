// A service of this machine.
//
// layer: seccomp: socket; network namespace
// allowed: runtime_error
// twin: itself

class Solution {
    public int f(int x) throws Exception {
        new java.net.Socket("127.0.0.1", PLANTED_PORT).close();
        return 9;
    }
}
