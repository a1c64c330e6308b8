// A class that the test's own imports would find first.
//
// layer: only Solution is taken over, as a stub
// allowed: failed
// twin: none: it depends on how the test is written
// test: Arrays.asList(new Solution().f(3) == 9).get(0)

class Solution {
    public int f(int x) throws Exception {
        return 0;
    }
}

class Arrays {
    static java.util.List<Boolean> asList(Object... all) {
        return java.util.List.of(true);
    }
}
