// Inside of an honest list.
//
// layer: wire: plain values only
// allowed: failed
// twin: itself
// test: new Solution().f(3).equals(List.of(9))

import java.util.List;

class Solution {
    static class Sly {
        public boolean equals(Object other) {
            return true;
        }
    }

    public List<Object> f(int x) {
        return List.of(new Sly());
    }
}
