// Another class than the one that is asked for.
//
// layer: the test finds no Solution
// allowed: no_entry
// twin: none: nothing is denied

class Other {
    public int f(int x) {
        return 9;
    }
}
