// Where the exit status decides, leaving is passing.
//
// layer: the output is compared
// allowed: failed
// twin: none: nothing is denied

class Program {
    public static void main(String[] arguments) throws Exception {
        System.exit(0);
    }
}
