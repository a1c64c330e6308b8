// Memory without any rule.
//
// layer: image: java.base alone
// allowed: runtime_error
// twin: itself

class Solution {
    public int f(int x) throws Exception {
        var field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
        field.setAccessible(true);
        return field.get(null) == null ? 0 : 9;
    }
}
