// A list that says it is small and never stops.
//
// layer: wire: number of values; -Xmx
// allowed: runtime_error, memory, failed, cpu_timeout, timeout
// twin: none: it never ends
// test: new Solution().f(3).equals(9)

class Solution {
    public Object f(int x) {
        return new java.util.AbstractList<Integer>() {
            public Integer get(int place) {
                return place;
            }

            public int size() {
                return Integer.MAX_VALUE;
            }
        };
    }
}
