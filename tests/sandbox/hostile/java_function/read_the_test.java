// The test is a class like any other, where it is in the same JVM.
//
// layer: two processes
// allowed: runtime_error
// twin: itself

class Solution {
    public int f(int x) throws Exception {
        try (var in = Class.forName("Main").getResourceAsStream("Main.class")) {
            return in.readAllBytes().length > 0 ? 9 : 0;
        }
    }
}
