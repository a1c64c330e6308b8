// No attack: what an honest method looks like.
//
// layer: none
// allowed: passed
// twin: itself

class Solution {
    public int f(int x) throws Exception {
        return x * x;
    }
}
