// As many threads as there can be.
//
// layer: RLIMIT_NPROC
// allowed: memory, runtime_error, cpu_timeout, timeout, crash, early_exit
// twin: none: would starve the machine
// wall: 3

class Solution {
    public int f(int x) throws Exception {
        while (true) {
            var thread = new Thread(() -> java.util.concurrent.locks.LockSupport.park());
            thread.setDaemon(true);
            thread.start();
        }
    }
}
