// A class that would be next to ours.
//
// layer: the compiler's classes are named Solution
// allowed: compile_error, no_entry, failed
// twin: none: nothing is denied

package astraios;

class Solution {
    public int f(int x) {
        return 9;
    }
}
