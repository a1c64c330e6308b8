// Where a nonce is read from System.in, this reads it first.
//
// layer: two processes; System.in is empty
// allowed: failed
// twin: none: nothing is denied

class Solution {
    public int f(int x) throws Exception {
        return System.in.read() >= 0 ? 9 : 0;
    }
}
