// A service of this machine.
//
// layer: seccomp: socket; network namespace
// allowed: runtime_error
// twin: itself

class Program {
    public static void main(String[] arguments) throws Exception {
        new java.net.Socket("127.0.0.1", PLANTED_PORT).close();
        System.out.println(9);
    }
}
