// Code without Java.
//
// layer: mount: noexec
// allowed: runtime_error
// twin: none: needs a library of its own

class Solution {
    public int f(int x) throws Exception {
        var own = java.nio.file.Path.of("/tmp/own.so");
        java.nio.file.Files.copy(java.nio.file.Path.of(System.getProperty("java.home"), "lib", "libnet.so"), own);
        System.load(own.toString());
        return 9;
    }
}
