// A service of this machine that listens in a folder.
//
// layer: seccomp: socket; mount namespace
// allowed: runtime_error
// twin: itself

class Solution {
    public int f(int x) throws Exception {
        var there = java.net.UnixDomainSocketAddress.of("PLANTED_SOCKET");
        java.nio.channels.SocketChannel.open(there).close();
        return 9;
    }
}
