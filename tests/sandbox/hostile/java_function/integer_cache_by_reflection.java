// Makes 0 equal to 9, for everybody in this JVM.
//
// layer: two processes
// allowed: failed, runtime_error
// twin: none: Java forbids it since 17

class Solution {
    public int f(int x) throws Exception {
        var cache = Class.forName("java.lang.Integer$IntegerCache").getDeclaredField("cache");
        cache.setAccessible(true);
        ((Integer[]) cache.get(null))[128] = 9;
        return 0;
    }
}
