// The verdict itself, as the trusted JVM tells it.
//
// layer: that is told on another pipe
// allowed: failed, protocol, early_exit
// twin: none: nothing is denied
// wall: 5

class Solution {
    public int f(int x) throws Exception {
        var out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        out.write(new byte[] {0, 0, 0, 8, 'V', 'p', 'a', 's', 's', 'e', 'd', 10});
        out.flush();
        return 0;
    }
}
