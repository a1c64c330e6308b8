// An error that says of itself that another one, which is not there, is the reason.
//
// layer: passing is that the test's main returned
// allowed: runtime_error
// twin: none: nothing is denied

class Solution {
    public int f(int x) {
        throw new ExceptionInInitializerError("x");
    }
}
