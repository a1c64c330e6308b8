// The trusted side's own class, in this JVM.
//
// layer: two processes
// allowed: runtime_error, failed, protocol, early_exit
// twin: none: nothing is denied

class Solution {
    public int f(int x) throws Exception {
        var wall = Class.forName("astraios.Wall");
        for (var field : wall.getDeclaredFields()) {
            field.setAccessible(true);
            if (field.getType() == int.class) field.setInt(null, 1);
        }
        return 0;
    }
}
