// Throws what the test throws, so that it looks like the test's.
//
// layer: the trusted side knows which call threw
// allowed: runtime_error
// twin: none: nothing is denied

class Solution {
    public int f(int x) throws Exception {
        throw new AssertionError("passed");
    }
}
