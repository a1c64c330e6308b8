// A file that anybody on this machine may write.
//
// layer: mount namespace
// allowed: runtime_error
// twin: itself

class Solution {
    public int f(int x) throws Exception {
        java.nio.file.Files.writeString(java.nio.file.Path.of("PLANTED_FILE"), "was here", java.nio.file.StandardOpenOption.WRITE);
        return 9;
    }
}
