// The Java that the next one runs in.
//
// layer: --ro-bind
// allowed: failed
// twin: none: it would break the machine's Java

class Solution {
    public int f(int x) throws Exception {
        return !new java.io.File(System.getProperty("java.home"), "lib").canWrite() ? 0
            : new java.io.File(System.getProperty("java.home"), "lib/astraios-canary").createNewFile() ? 9 : 0;
    }
}
