// All the memory that there is.
//
// layer: -Xmx
// allowed: memory
// twin: none: it never ends

class Solution {
    public int f(int x) throws Exception {
        var held = new java.util.ArrayList<byte[]>();
        while (true) held.add(new byte[1 << 24]);
    }
}
