// Gigabytes of an answer.
//
// layer: bound of the output
// allowed: output_limit
// twin: none: it never ends

class Program {
    public static void main(String[] arguments) throws Exception {
        while (true) System.out.println("x".repeat(65536));
    }
}
