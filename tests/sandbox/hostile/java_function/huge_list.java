// More values than the wall carries.
//
// layer: wire: number of values
// allowed: runtime_error, memory
// twin: none: nothing is denied
// test: new Solution().f(3).equals(9)

class Solution {
    public Object f(int x) {
        return java.util.Collections.nCopies(10_000_000, 1);
    }
}
