// All of it, in its error.
//
// layer: an environment of the jail's own
// allowed: runtime_error
// twin: none: nothing is denied but the secret, for which every verdict is searched

class Solution {
    public int f(int x) throws Exception {
        throw new RuntimeException(System.getenv().toString());
    }
}
