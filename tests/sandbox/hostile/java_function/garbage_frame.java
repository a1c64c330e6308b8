// Bytes that mean nothing.
//
// layer: wire: closed set of tags
// allowed: protocol, early_exit
// twin: none: nothing is denied
// wall: 5

class Solution {
    public int f(int x) throws Exception {
        var out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        out.write(new byte[] {0, 0, 0, 3, 'v', '!', '!'});
        out.flush();
        return 0;
    }
}
