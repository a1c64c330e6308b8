// A class that cannot be loaded: its error arrives without its reason.
//
// layer: passing is that the test's main returned
// allowed: runtime_error
// twin: none: nothing is denied

class Helper {
    static int nine = 9 / 0;
}

class Solution {
    public int f(int x) {
        return Helper.nine;
    }
}
