// Whoever compares it runs out of stack.
//
// layer: wire: depth
// allowed: runtime_error
// twin: none: nothing is denied
// test: new Solution().f(3).equals(9)

import java.util.ArrayList;
import java.util.List;

class Solution {
    public Object f(int x) {
        List<Object> value = new ArrayList<>();
        for (int k = 0; k < 10000; k++) value = new ArrayList<>(List.of(value));
        return value;
    }
}
