// The test itself.
//
// layer: only Solution is taken over, as a stub
// allowed: failed
// twin: none: nothing is denied

class Solution {
    public int f(int x) throws Exception {
        return 0;
    }
}

class Main {
    public static void main(String[] arguments) {}
}
