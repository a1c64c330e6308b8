"""Java in real jails: two JVMs with plain values between them."""

import re
import shutil
from collections import Counter

import pytest

from astraios_ray.errors import DataError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.protocol import CompileCheck, Execution, JavaCheck, Limits, ProgramCheck

pytestmark = pytest.mark.skipif(shutil.which("jlink") is None, reason="no JDK is installed")

LIMITS = Limits(wall_seconds=30.0)
IMPORTS = "import java.util.*;\n"


def solution(body: str, declared: str = "int f(int x)", more: str = "") -> str:
    return f"{IMPORTS}class Solution {{ public {declared} {{ {body} }} {more} }}"


def main(condition: str = "new Solution().f(3) == 9", more: str = "") -> str:
    return (
        f"{IMPORTS}public class Main {{ {more} public static void main(String[] a) throws Exception {{"
        f" if (!({condition})) throw new AssertionError(); }} }}"
    )


def judged(sandbox: Bubblewrap, source: str, test: str = "", limits: Limits = LIMITS) -> Execution:
    return sandbox.run_checks([JavaCheck(source, test or main())], limits)[0]


@pytest.mark.parametrize(
    ("body", "outcome", "detail"),
    [
        ("return x * x;", Outcome.PASSED, ""),
        ("return x;", Outcome.FAILED, "java.lang.AssertionError"),
        ("return x / 0;", Outcome.RUNTIME_ERROR, "java.lang.ArithmeticException: / by zero"),
        ("System.exit(0); return 9;", Outcome.EARLY_EXIT, "exit status 0"),
        ("Runtime.getRuntime().halt(3); return 9;", Outcome.EARLY_EXIT, "exit status 3"),
        ("return retrn;", Outcome.COMPILE_ERROR, "Solution.java:2: error: cannot find symbol"),
        ("int[] a = new int[1 << 30]; return a.length;", Outcome.MEMORY, "java.lang.OutOfMemoryError"),
        ("return f(x);", Outcome.RUNTIME_ERROR, "java.lang.StackOverflowError"),
    ],
)
def test_a_solution_ends_as_it_is(sandbox: Bubblewrap, body: str, outcome: Outcome, detail: str) -> None:
    end = judged(sandbox, solution(body))
    assert (end.outcome, end.detail[: len(detail)]) == (outcome, detail)


THROWN = (
    *("null", "new Throwable()", "new Error()", "new AssertionError()", "new ThreadDeath()"),
    *("new InterruptedException()", "new RuntimeException((Throwable) null)", "new StackOverflowError()"),
    *("new NoClassDefFoundError()", "new ClassNotFoundException(null, null)", "new OutOfMemoryError()"),
    *("new ExceptionInInitializerError()", 'new ExceptionInInitializerError("x")'),
    *(
        "new ExceptionInInitializerError((Throwable) null)",
        "new java.security.PrivilegedActionException(null)",
    ),
    "new ExceptionInInitializerError(new ExceptionInInitializerError())",
    *("new InvocationTargetException(null)", "new InvocationTargetException(new Error())"),
    *("new UndeclaredThrowableException(null)", 'new UndeclaredThrowableException(null, "x")'),
    *("new CompletionException(null, null)", "new ExecutionException(null, null)"),
)
PLACES = {  # a solution that throws there; all else that it does is right
    "a method": "class Solution { int f(int x) { THROWS return x * x; } NOW }",
    "a constructor": "class Solution { Solution() { THROWS } int f(int x) { return x * x; } NOW }",
    "a static block": "class Solution { static { THROWS } int f(int x) { return x * x; } NOW }",
    "another class's": "class Solution { int f(int x) { return x * x + Other.ONE; } NOW }"
    " class Other { static int ONE; static { Solution.<Error>now(THROWN); } }",
}
NOW = "static <T extends Throwable> void now(Throwable thrown) throws T { throw (T) thrown; }"
USES = "import java.lang.reflect.*; import java.util.concurrent.*; "


STATIC_USE = main("value == 9", "static int value = new Solution().f(3);")  # by a static field of the test


@pytest.mark.parametrize(
    ("place", "test"), [*((place, main()) for place in PLACES), ("a method", STATIC_USE)]
)
def test_a_solution_that_throws_never_passes_whatever_it_throws(
    sandbox: Bubblewrap, place: str, test: str
) -> None:
    source = USES + PLACES[place].replace("NOW", NOW).replace(
        "THROWS", "if (true) Solution.<Error>now(THROWN);"
    )
    checks = [JavaCheck(source.replace("THROWN", thrown), test) for thrown in THROWN]
    ends = dict(zip(THROWN, sandbox.run_checks(checks, LIMITS), strict=True))
    assert {end.outcome for end in ends.values()} <= {Outcome.RUNTIME_ERROR, Outcome.MEMORY}, ends


def test_what_a_solution_threw_is_told_though_it_has_no_cause(sandbox: Bubblewrap) -> None:
    end = judged(sandbox, solution('throw new ExceptionInInitializerError("x");'))
    assert (end.outcome, end.detail) == (Outcome.RUNTIME_ERROR, "java.lang.ExceptionInInitializerError: x")


CLASSES = (
    *("\u20acuro", "\u00c4rger", "\U0001d4b3", "A\\u0000B", "CON", "Main", "solution"),
    *("a" * 300, "b" * 65_000),
)


@pytest.mark.parametrize("name", CLASSES, ids=lambda name: ascii(name[:9]))
def test_a_class_may_be_called_what_java_allows(sandbox: Bubblewrap, name: str) -> None:
    assert judged(sandbox, f"{solution('return x * x;')} class {name} {{}}").outcome is Outcome.PASSED
    prints = f'class {name} {{ public static void main(String[] a) {{ System.out.println("5"); }} }}'
    (end,) = sandbox.run_checks([ProgramCheck("java", prints, "", "5\n")], LIMITS)
    assert end.outcome is Outcome.PASSED, end


def test_a_public_class_may_be_called_so_too(sandbox: Bubblewrap) -> None:
    checks = [CompileCheck("java", f"public final class {name} {{}}") for name in CLASSES if "\\" not in name]
    assert {end.outcome for end in sandbox.run_checks(checks, LIMITS)} == {Outcome.PASSED}


def test_more_classes_than_a_jail_takes_are_a_verdict_and_the_next_one_is_judged(sandbox: Bubblewrap) -> None:
    inner = "".join(f"class C{n} {{}}" for n in range(100))
    many = f"class {'a' * 20_000} {{ {inner} }}"  # each class has the outer one's name in its own
    source = solution("return x * x;")
    ends = sandbox.run_checks([JavaCheck(f"{source} {many}", main()), JavaCheck(source, main())], LIMITS)
    assert [end.outcome for end in ends] == [Outcome.COMPILE_ERROR, Outcome.PASSED]
    assert re.fullmatch(r"error: classes of \d+ bytes, at most 3145728 are run", ends[0].detail)


@pytest.mark.parametrize("answer", ["0, 0, 0, 0", "0, 0, 0, 1, 'v'", "0, 0, 0, 1, 'x'", "-1, -1, -1, -1"])
def test_an_answer_that_is_none_is_a_verdict_and_the_next_one_is_judged(
    sandbox: Bubblewrap, answer: str
) -> None:
    out = "var out = new java.io.FileOutputStream(java.io.FileDescriptor.out);"
    writes = f"{out} out.write(new byte[] {{{answer}}}); return 9;"
    forger = solution(writes, "int f(int x) throws Exception")
    ends = sandbox.run_checks(
        [JavaCheck(source, main()) for source in (forger, solution("return 9;"))], LIMITS
    )
    assert [end.outcome for end in ends] == [Outcome.PROTOCOL, Outcome.PASSED]


def test_a_loop_ends_at_the_limit_and_the_next_one_is_judged(sandbox: Bubblewrap) -> None:
    loop = judged(sandbox, solution("while (x > 0) {} return 9;"), limits=Limits(cpu_seconds=1))
    assert loop.outcome is Outcome.CPU_TIMEOUT
    sleeps = "try { Thread.sleep(60_000); } catch (InterruptedException e) {} return 9;"
    waits = judged(sandbox, solution(sleeps), limits=Limits(wall_seconds=1.0))
    assert waits.outcome is Outcome.TIMEOUT
    assert judged(sandbox, solution("return x * x;")).outcome is Outcome.PASSED


VALUES = {  # declared type: an expression of it
    "boolean": "true",
    "byte": "(byte) 3",
    "short": "(short) 3",
    "int": "3",
    "long": "1L << 40",
    "float": "1.5f",
    "double": "Double.NaN",
    "char": "'x'",
    "String": '"a\\uD800b"',
    "Object": "null",
    "java.math.BigInteger": 'new java.math.BigInteger("123456789012345678901234567890")',
    "java.math.BigDecimal": 'new java.math.BigDecimal("1.50")',
    "List<Integer>": "Arrays.asList(1, null, 3)",
    "LinkedList<String>": 'new LinkedList<>(List.of("a", "b"))',
    "Set<Character>": "new TreeSet<>(Set.of('b', 'a'))",
    "Map<String, List<Integer>>": 'Map.of("a", List.of(1, 2))',
    "TreeMap<Integer, Integer>": "new TreeMap<>(Map.of(2, 1, 1, 2))",
    "Map.Entry<Integer, String>": 'Map.entry(1, "a")',
    "Optional<Integer>": "Optional.of(3)",
    "Optional<String>": "Optional.empty()",
    "List<Optional<Integer>>": "List.of(Optional.of(1), Optional.empty())",
    "int[]": "new int[] {1, 2}",
    "String[]": 'new String[] {"a", null}',
    "int[][]": "new int[][] {{1}, {}}",
}


@pytest.mark.parametrize("declared", VALUES)
def test_a_value_crosses_the_wall_both_ways(sandbox: Bubblewrap, declared: str) -> None:
    """The solution knows the value too, and returns it only when it gets the same value."""
    unequal = "if (!Objects.deepEquals(same, x)) throw new Error();"
    body = f"{declared} same = {VALUES[declared]}; {unequal} return x;"
    source = solution(body, f"{declared} f({declared} x)")
    constant = f"static final {declared} OWN = {VALUES[declared]};"
    test = main("Objects.deepEquals(new Solution().f(OWN), OWN)", constant)
    end = judged(sandbox, source, test)
    assert end.outcome is Outcome.PASSED, end


FORGERIES = {
    "an object that equals everything": (
        "Object f(int x)",
        "return new Object() { public boolean equals(Object o) { return true; } };",
        "new Solution().f(3).equals(9)",
    ),
    "a list that equals everything": (
        "List<Integer> f(int x)",
        "return new ArrayList<Integer>() { public boolean equals(Object o) { return true; } };",
        "new Solution().f(3).equals(List.of(9))",
    ),
    "a list whose elements equal everything": (
        "List<Object> f(int x)",
        "return List.of(new Object() { public boolean equals(Object o) { return true; } });",
        "new Solution().f(3).equals(List.of(9))",
    ),
    "a class that hides the library's": (
        "int f(int x)",
        "return 0;",
        "Arrays.asList(new Solution().f(3) == 9).get(0)",
    ),
}
HIDING = (
    "class Arrays { static java.util.List<Boolean> asList(boolean b) { return java.util.List.of(true); } }"
)


@pytest.mark.parametrize("name", FORGERIES)
def test_no_object_and_no_class_of_the_solution_reaches_the_test(sandbox: Bubblewrap, name: str) -> None:
    declared, body, condition = FORGERIES[name]
    assert judged(sandbox, solution(body, declared) + HIDING, main(condition)).outcome is Outcome.FAILED


def test_a_test_may_expect_an_exception_and_construct_with_arguments(sandbox: Bubblewrap) -> None:
    source = solution(
        'if (x < from) throw new IllegalArgumentException("small"); return x * x;',
        more="private final int from; public Solution(int from) { this.from = from; }",
    )
    refused = (
        "static boolean refused() { try { new Solution(5).f(3); return false; }"
        ' catch (IllegalArgumentException e) { return e.getMessage().equals("small"); } }'
    )
    assert (
        judged(sandbox, source, main("refused() && new Solution(1).f(3) == 9", refused)).outcome
        is Outcome.PASSED
    )


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ('return "9";', Outcome.PASSED),
        ('return new String("9");', Outcome.FAILED),
        ("return String.valueOf(x * x);", Outcome.FAILED),
        ("return String.valueOf(x * x).intern();", Outcome.PASSED),
        ('return "" + (x * x);', Outcome.FAILED),
    ],
)
def test_only_a_literal_is_the_same_text_as_a_literal(
    sandbox: Bubblewrap, body: str, outcome: Outcome
) -> None:
    text = solution(body, "String f(int x)")
    assert judged(sandbox, text, main('new Solution().f(3) == "9"')).outcome is outcome
    assert judged(sandbox, text, main('new Solution().f(3).equals("9")')).outcome is Outcome.PASSED
    same = solution("return x;", "String f(String x)")
    assert judged(sandbox, same, main('new Solution().f("a") == "a"')).outcome is Outcome.PASSED
    assert judged(sandbox, same, main('new Solution().f(new String("a")) != "a"')).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "source",
    [
        "class Base { public int f(int x) { return x * x; } } class Solution extends Base {}",
        "class Base { static int f(int x) { return x * x; } } class Solution extends Base {}",
        "interface Squares { default int f(int x) { return x * x; } } class Solution implements Squares {}",
        "class Base<T> { T g(T x) { return x; } int f(int x) { return 0; } }"
        " class Middle<A, B> extends Base<B> {}"
        " class Solution extends Middle<String, Integer> { int f(int x) { return g(x) * x; } }",
        "abstract class Base { abstract int g(int x); int f(int x) { return g(x) * x; } }"
        " class Solution extends Base { int g(int x) { return x; } }",
    ],
)
def test_inherited_methods_are_stood_in_for(sandbox: Bubblewrap, source: str) -> None:
    end = judged(sandbox, source)
    assert end.outcome is Outcome.PASSED, end.detail
    if "T g" in source:
        assert judged(sandbox, source, main("new Solution().g(3) == 3")).outcome is Outcome.PASSED


def test_a_comment_does_not_name_the_class(sandbox: Bubblewrap) -> None:
    program = (
        "/* public class Old */ // public class Older\n"
        'public class New { static String s = "public class Odd"; '
        "public static void main(String[] a) { System.out.print(9); } }"
    )
    (end,) = sandbox.run_checks([ProgramCheck("java", program, "", "9")], LIMITS)
    assert end.outcome is Outcome.PASSED, end.detail


def test_static_generic_and_varying_methods_are_stood_in_for(sandbox: Bubblewrap) -> None:
    more = (
        "static int twice(int x) { return 2 * x; } <T extends Comparable<T>> T most(List<T> all)"
        " { return Collections.max(all); } int count(String... all) { return all.length; }"
    )
    most, count = "new Solution().most(List.of(1, 3, 2)) == 3", 'new Solution().count("a", "b") == 2'
    test = main(f"Solution.twice(4) == 8 && {most} && {count}")
    assert judged(sandbox, solution("return x;", more=more), test).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("source", "test", "outcome"),
    [
        ("class Other {}", main(), Outcome.NO_ENTRY),
        (solution("return 9;"), main("true"), Outcome.VACUOUS),
        (solution("return 9;", "int g(int x)"), main(), Outcome.COMPILE_ERROR),
        ("class Solution { int f(int x) { return 9; } } class Main {}", main(), Outcome.PASSED),
    ],
)
def test_what_the_test_cannot_use_is_told(
    sandbox: Bubblewrap, source: str, test: str, outcome: Outcome
) -> None:
    assert judged(sandbox, source, test).outcome is outcome


def test_a_whole_program_reads_and_prints(sandbox: Bubblewrap) -> None:
    source = (
        "import java.util.*; public class Plus { record Pair(int a) {} public static void main(String[] a) {"
        " System.out.println(new Pair(new Scanner(System.in).nextInt()).a() + 1); } }"
    )
    checks = [ProgramCheck("java", source, stdin, "5\n") for stdin in ("4\n", "5\n", "")]
    ends = sandbox.run_checks(checks, LIMITS)
    assert [end.outcome for end in ends] == [Outcome.PASSED, Outcome.FAILED, Outcome.RUNTIME_ERROR]
    assert "NoSuchElementException" in ends[2].detail


def test_a_source_only_compiles(sandbox: Bubblewrap) -> None:
    sources = ("class A { void f() {} }", "class A { void f( {} }")
    ends = sandbox.run_checks([CompileCheck("java", source) for source in sources], LIMITS)
    assert [end.outcome for end in ends] == [Outcome.PASSED, Outcome.COMPILE_ERROR]


def test_a_language_nobody_knows_is_an_error(sandbox: Bubblewrap) -> None:
    with pytest.raises(DataError, match="No language 'perl': expected one of python, c, java"):
        sandbox.run_checks([ProgramCheck("perl", "print 1", "", "1")], LIMITS)


def test_a_compiler_that_is_warm_is_quick(sandbox: Bubblewrap) -> None:
    sources = [solution(f"return x * x + {n} - {n};") for n in range(12)]
    ends = sandbox.run_checks([CompileCheck("java", source) for source in sources], LIMITS)
    assert Counter(end.outcome for end in ends) == {Outcome.PASSED: 12}
    assert sorted(end.wall_seconds for end in ends)[6] < 1.0  # 0.02 s where nothing else runs
