// Who is on this machine.
//
// layer: mount namespace: no /etc
// allowed: runtime_error
// twin: itself

class Solution {
    public int f(int x) throws Exception {
        return java.nio.file.Files.readString(java.nio.file.Path.of("/etc/passwd")).isEmpty() ? 0 : 9;
    }
}
