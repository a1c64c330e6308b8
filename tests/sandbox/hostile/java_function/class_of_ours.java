// A class of the wall.
//
// layer: our classes are loaded first, and in another process
// allowed: failed, compile_error, early_exit
// twin: none: nothing is denied

class Solution {
    public int f(int x) throws Exception {
        return 0;
    }
}

class Wall {}

class Candidate {}

class Wire {}
