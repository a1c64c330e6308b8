// No attack: an honest program.
//
// layer: none
// allowed: passed
// twin: itself

class Program {
    public static void main(String[] arguments) throws Exception {
        int x = new java.util.Scanner(System.in).nextInt();
        System.out.println(x * x);
    }
}
