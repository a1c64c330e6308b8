// Memory as a file passes every check of the language.
//
// layer: no /proc
// allowed: runtime_error
// twin: itself

class Solution {
    public int f(int x) throws Exception {
        new java.io.RandomAccessFile("/proc/self/mem", "r").close();
        return 9;
    }
}
