// A comparison asks the object.
//
// layer: wire: plain values only
// allowed: failed
// twin: itself
// test: new Solution().f(3).equals(9)

class Solution {
    static class Sly {
        public boolean equals(Object other) {
            return true;
        }
    }

    public Object f(int x) {
        return new Sly();
    }
}
