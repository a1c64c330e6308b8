// No attack: classes inside of the class, and one without a name.
//
// layer: none
// allowed: passed
// twin: itself

class Solution {
    interface Work {
        int at(int x);
    }

    record Square(Work work) {
        int of(int x) {
            return work.at(x);
        }
    }

    public int f(int x) throws Exception {
        return new Square(a -> a * a).of(x);
    }
}
