// An exception that fails when it is asked for its text.
//
// layer: two processes
// allowed: runtime_error
// twin: none: nothing is denied

class Solution {
    static class Passed extends RuntimeException {
        public String getMessage() {
            throw new Error("worse");
        }
    }

    public int f(int x) throws Exception {
        throw new Passed();
    }
}
