// An expression of one line that keeps the compiler busy for ever: each level of inference tries all that is
// below it again.
//
// layer: time of the compiler
// allowed: compile_error
// twin: none: it never ends
// slow: yes

import java.util.List;

class Solution {
    static <T> T id(T same) {
        return same;
    }

    static <T> T id(T same, T other) {
        return same;
    }

    public int f(int x) {
        Object value = id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(id(List.of(1))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))));
        return 0;
    }
}
