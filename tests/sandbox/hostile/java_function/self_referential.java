// It has no end.
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
        value.add(value);
        return value;
    }
}
