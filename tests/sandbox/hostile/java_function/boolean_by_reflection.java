// Makes false true, for everybody in this JVM.
//
// layer: two processes
// allowed: failed, runtime_error
// twin: none: Java forbids it since 17

class Solution {
    public int f(int x) throws Exception {
        var value = Boolean.class.getDeclaredField("value");
        value.setAccessible(true);
        value.set(false, true);
        return 0;
    }
}
