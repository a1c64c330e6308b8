// Types whose comparison takes for ever.
//
// layer: time of the compiler
// allowed: compile_error, failed
// twin: none: how it ends depends on the compiler

class Solution {
    interface A<T> {}

    interface B<T> extends A<A<? super B<B<T>>>> {}

    public int f(int x) {
        B<Integer> b = null;
        A<? super B<Integer>> a = (A<? super B<Integer>>) (Object) b;
        return 0;
    }
}
