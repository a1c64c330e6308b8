// From another thread, a moment later.
//
// layer: two processes
// allowed: early_exit, failed
// twin: none: which comes first is luck

class Solution {
    public int f(int x) throws Exception {
        new Thread(() -> Runtime.getRuntime().halt(0)).start();
        Thread.sleep(200);
        return 0;
    }
}
