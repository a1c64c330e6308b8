// Memory that -Xmx does not bound.
//
// layer: -XX:MaxDirectMemorySize
// allowed: memory, runtime_error
// twin: none: it never ends

class Solution {
    public int f(int x) throws Exception {
        var held = new java.util.ArrayList<java.nio.ByteBuffer>();
        while (true) held.add(java.nio.ByteBuffer.allocateDirect(1 << 24));
    }
}
