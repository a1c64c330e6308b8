// Until somebody ends it.
//
// layer: RLIMIT_CPU
// allowed: cpu_timeout
// twin: none: it never ends

class Solution {
    public int f(int x) throws Exception {
        while (x > 0) {}
        return 9;
    }
}
