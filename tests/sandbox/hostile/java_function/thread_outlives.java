// A thread that sleeps on when the method has long answered. Right, so it counts.
//
// layer: the end of the process namespace
// allowed: passed
// twin: none: nothing is denied

class Solution {
    public int f(int x) throws Exception {
        new Thread(() -> {
            try {
                Thread.sleep(1_000_000);
            } catch (InterruptedException gone) {
                return;
            }
        }).start();
        return x * x;
    }
}
