// Writes an answer of its own to the descriptor of the wall.
//
// layer: protocol of the wall; the test compares
// allowed: failed, protocol, early_exit, timeout
// twin: none: nothing is denied
// wall: 5

class Solution {
    public int f(int x) throws Exception {
        var out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        out.write(new byte[] {0, 0, 0, 6, 'v', 'I', 0, 0, 0, 8});
        out.flush();
        return 0;
    }
}
