// A method has nobody who reads what it prints. Right, so it counts.
//
// layer: System.out leads nowhere
// allowed: passed
// twin: none: nothing is denied

class Solution {
    public int f(int x) throws Exception {
        for (int k = 0; k < 100; k++) System.out.println("x".repeat(100_000));
        return x * x;
    }
}
