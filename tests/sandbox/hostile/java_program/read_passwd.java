// Who is on this machine.
//
// layer: mount namespace: no /etc
// allowed: runtime_error
// twin: itself

class Program {
    public static void main(String[] arguments) throws Exception {
        System.out.println(java.nio.file.Files.exists(java.nio.file.Path.of("/etc/passwd")) ? 9 : 1 / (arguments.length - arguments.length));
    }
}
