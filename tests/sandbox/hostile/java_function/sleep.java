// Costs nothing and never comes back.
//
// layer: wall clock
// allowed: timeout
// twin: none: it never ends
// wall: 2

class Solution {
    public int f(int x) throws Exception {
        Thread.sleep(1_000_000);
        return 9;
    }
}
