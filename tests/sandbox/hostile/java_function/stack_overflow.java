// Recursion without end.
//
// layer: -Xss
// allowed: runtime_error
// twin: none: nothing is denied

class Solution {
    public int f(int x) throws Exception {
        return f(x + 1) + 1;
    }
}
