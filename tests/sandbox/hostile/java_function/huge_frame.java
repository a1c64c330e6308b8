// Announces two gigabytes.
//
// layer: wire: bytes of a frame
// allowed: protocol
// twin: none: nothing is denied
// wall: 5

class Solution {
    public int f(int x) throws Exception {
        var out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        out.write(new byte[] {127, -1, -1, -1, 'v'});
        out.flush();
        return 0;
    }
}
