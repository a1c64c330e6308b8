"""Honest functions whose arguments and answers have many types, by language."""

from astraios_ray.sandbox.protocol import UnitTestCheck


def _cpp(signature: str, body: str, test: str) -> UnitTestCheck:
    return UnitTestCheck("cpp", f"{signature} {{ {body} }}", signature, f"int main() {{ {test} }}")


def _js(test: str, body: str = "return x;") -> UnitTestCheck:
    return UnitTestCheck("js", f"const f = (...x) => {{ {body} }}", "const f = (...x)", test)


def _go(kind: str, body: str, test: str) -> UnitTestCheck:
    source = f"package main\nfunc F{kind} {{ {body} }}\n"
    head = 'package main\nimport ("testing"; "reflect")\nvar _ = reflect.DeepEqual\n'
    return UnitTestCheck("go", source, f"func F{kind}", f"{head}func TestF(t *testing.T) {{ {test} }}\n")


def _rust(signature: str, body: str, test: str) -> UnitTestCheck:
    uses = "use std::{any::Any, collections::*};\n"
    tests = f"#[test]\nfn values() {{ {test} }}\n"
    return UnitTestCheck("rust", f"{uses}fn {signature} {{ {body} }}\n", signature, tests, uses)


_SAME_GO = "if !reflect.DeepEqual({0}, {1}) {{ t.Fail() }}"

VALUES = {
    "cpp": [
        _cpp(
            "vector<string> f(vector<string> x, char c)",
            "x.push_back(string(2, c)); return x;",
            r'assert((f({"a\0b", "\xff"}, 0) == vector<string>{"a", "\xff", string(2, 0)}));',
        ),
        _cpp(
            "map<char,int> f(map<string,vector<long long>> x, bool b)",
            "return {{'n', x.size()}, {'b', b}};",
            "assert((f({{\"k\", {1LL << 40}}}, true) == map<char,int>{{'n', 1}, {'b', 1}}));",
        ),
        _cpp(
            "pair<float,double> f(set<int> x, vector<bool> y)",
            "return {*x.begin(), y.size() / 4.0};",
            "assert(f({3, 2}, {true, false, true}) == make_pair(2.0f, 0.75));",
        ),
        _cpp(
            "vector<boost::any> f(list<boost::any> x)",
            "return vector<boost::any>(x.begin(), x.end());",
            "auto a = f({1, 2.5, string(\"x\"), 'c', boost::any(), list<int>()}); assert(a.size() == 6);"
            'assert(boost::any_cast<int>(a[0]) == 1 && boost::any_cast<string>(a[2]) == "x");'
            "assert(a[4].empty() && a[5].type() != typeid(list<int>));",
        ),
        _cpp("const string& f(const vector<string>& x)", "return x[0];", 'assert(f({"abc"}) == "abc");'),
        _cpp("unsigned long strlen(const string& s)", "return s.size();", 'assert(strlen("four") == 4);'),
    ],
    "js": [
        _js(
            "console.assert(Object.is(f(-0)[0], -0) && Number.isNaN(f(NaN)[0]));"
            "console.assert(f(-Infinity)[0] === -Infinity);"
        ),
        _js(
            "const [a, b, c, d] = f(undefined, null, 12345678901234567890n, '\\ud800');"
            "console.assert(a === undefined && b === null && c === 12345678901234567890n && d === '\\ud800');"
        ),
        _js(
            "const [a] = f({ b: [1, [2, { c: 'd' }]], __proto__: null });"
            'console.assert(JSON.stringify(a) === \'{"b":[1,[2,{"c":"d"}]]}\');'
        ),
        _js(
            "const [m, s, d] = f(new Map([[1, 'a']]), new Set(['b']), new Date(5));"
            "console.assert(m.get(1) === 'a' && s.has('b') && d.getTime() === 5);"
        ),
        _js(
            'console.assert(JSON.stringify(f()) === \'{"x":1,"y":[2]}\');',
            "class P { constructor() { this.x = 1; this.y = [2]; } } return new P();",
        ),
    ],
    "go": [
        _go(
            "(x []string, y map[rune]float64) (string, error)",
            "return x[0] + string(rune(len(y))), nil",
            "a, err := F([]string{\"a\\xff\"}, map[rune]float64{'r': 1});"
            ' if a != "a\\xff\\x01" || err != nil { t.Fail() }',
        ),
        _go(
            "(x []int, y [2]interface{}, z ...int) []interface{}",
            "return []interface{}{x, y, len(z), nil, 'r', 2.5}",
            _SAME_GO.format(
                "[]interface{}{[]int(nil), [2]interface{}{\"a\", nil}, 2, nil, 'r', 2.5}",
                'F(nil, [2]interface{}{"a", nil}, 1, 2)',
            ),
        ),
        _go(
            "(x map[interface{}]interface{}) interface{}",
            'return map[string][]int{"n": {len(x)}}',
            _SAME_GO.format('map[string][]int{"n": {2}}', 'F(map[interface{}]interface{}{1: "a", "b": nil})'),
        ),
        _go(
            "(x *int, y []byte, z [][]uint8) *int",
            "n := *x + len(y) + len(z); return &n",
            'n := 1; if *F(&n, []byte("ab"), [][]uint8{{1}, {}}) != 5 { t.Fail() }',
        ),
        _go("(x []int) []int", "return append([]int{}, x...)", _SAME_GO.format("[]int{}", "F([]int(nil))")),
    ],
    "rust": [
        _rust(
            "f(x: Vec<&str>, y: &[u8], z: Option<char>) -> (String, Vec<Option<char>>)",
            "(x.concat() + &y.len().to_string(), vec![z, None])",
            'let answer = f(vec!["é", "b"], &[1, 2], Some(\'c\'));'
            "assert_eq!(answer, (\"éb2\".to_string(), vec![Some('c'), None]));",
        ),
        _rust(
            "f<'a>(x: HashMap<&'a str, i64>, y: &HashSet<u128>) -> BTreeMap<&'a str, (i64, usize)>",
            "x.into_iter().map(|(k, v)| (k, (v, y.len()))).collect()",
            'let answer = f(HashMap::from([("k", -1)]), &HashSet::from([7]));'
            'assert_eq!(answer, BTreeMap::from([("k", (-1, 1))]));',
        ),
        _rust(
            "f(mut x: [f64; 2], y: &mut Vec<f32>) -> Result<Box<f64>, String>",
            'x[0] += y.len() as f64; if x[1] > 0.0 { Ok(Box::new(x[0])) } else { Err("no".into()) }',
            "assert_eq!(f([0.5, 1.0], &mut vec![1.0]), Ok(Box::new(1.5)));"
            'assert_eq!(f([0.5, 0.0], &mut vec![]), Err("no".to_string()));',
        ),
        _rust(
            "f(x: Vec<Box<dyn Any>>, y: &dyn Any) -> usize",
            "x.iter().filter(|v| v.is::<i32>()).count() + y.is::<&str>() as usize",
            'assert_eq!(f(vec![Box::new(1), Box::new("a"), Box::new(())], &"b"), 2);',
        ),
        _rust(
            "f(x: i32) -> Option<std::cmp::Ordering>",
            "Some(x.cmp(&3))",
            "assert_eq!(f(2), Some(std::cmp::Ordering::Less));",
        ),
        _rust("f(x: i32)", "let _ = x;", "assert_eq!(f(2), ());"),
    ],
}
