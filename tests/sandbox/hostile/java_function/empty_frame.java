// An answer of no bytes.
//
// layer: wire: an answer has a tag
// allowed: protocol
// twin: none: nothing is denied
// wall: 5

class Solution {
    public int f(int x) throws Exception {
        var out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        out.write(new byte[] {0, 0, 0, 0});
        out.flush();
        return 9;
    }
}
