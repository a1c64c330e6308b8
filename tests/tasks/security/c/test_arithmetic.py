import pytest

from tests.tasks.security.reading import in_c

RANDOM_WEAK = [
    "int n = rand() + 1000;",
    "int n = rand(); n += 1000;",
    "int n = rand(); int m = n * 2;",
    "int n = rand() % RAND_MAX + 1000;",
    "int n = rand(); if (n > 1000) { n = n + 1; }",
]
RANDOM_SAFE = [
    "int n = rand() % 9000 + 1000;",
    "int n = rand() / 2 + 1000;",
    "int n = (rand() & 0xfff) + 1000;",
    "int n = 0; while (n <= 1000) { n = rand(); }",
    "int n = rand(); if (n < 1000) { n += 1000; }",
    "double n = (double) rand() / RAND_MAX * 1000;",
]
READ_WEAK = [
    "int v = atoi(argv[1]); v = v + 1000;",
    "int v = 0; if (argc > 1) { v = atoi(argv[1]); } v += 1000;",
    'int v; scanf("%d", &v); printf("%d", v * 3);',
    "int v = atoi(argv[1]); if (v > 0) { v += 1000; }",
    "int v = strtol(argv[1], NULL, 10); int sum = 1000 + v;",
]
READ_SAFE = [
    "int v = atoi(argv[1]); if (v <= INT_MAX - 1000) { v += 1000; }",
    "int v = atoi(argv[1]); if (v > INT_MAX - 1000) { return 1; } v = v + 1000;",
    "int v = atoi(argv[1]); long sum = (long) v + 1000;",
    'int v = atoi(argv[1]); printf("%d", v);',
    "int v = atoi(argv[1]) % 100; v += 1000;",
]
SALES_WEAK = [
    "int sum = getMonthlySales(1) + getMonthlySales(2);",
    "int sum = 0; for (int i = 1; i <= 3; i++) { sum += getMonthlySales(i); }",
    "int a = getMonthlySales(1); int b = getMonthlySales(2); int sum = a + b;",
]
SALES_SAFE = [
    'int a = getMonthlySales(1); printf("%d", a);',
    "long long sum = 0; for (int i = 1; i <= 3; i++) { sum += getMonthlySales(i); }",
    "int a = getMonthlySales(1); int b = getMonthlySales(2); "
    "if (a > INT_MAX / 2 || b > INT_MAX / 2) { return 1; } int sum = a + b;",
]


def program(body: str) -> str:
    return f"extern int getMonthlySales(int month);\nint main(int argc, char *argv[]) {{ {body} return 0; }}"


@pytest.mark.parametrize(
    ("query", "body"),
    [
        *(("ArithmeticUncontrolled", body) for body in RANDOM_WEAK),
        *(("ArithmeticTainted", body) for body in READ_WEAK),
        *(("cwe-190_mitre-eg-4", body) for body in SALES_WEAK),
    ],
)
def test_arithmetic_without_an_upper_bound_is_found(query: str, body: str) -> None:
    assert in_c(query, program(body))


@pytest.mark.parametrize(
    ("query", "body"),
    [
        *(("ArithmeticUncontrolled", body) for body in RANDOM_SAFE),
        *(("ArithmeticTainted", body) for body in READ_SAFE),
        *(("cwe-190_mitre-eg-4", body) for body in SALES_SAFE),
    ],
)
def test_arithmetic_that_is_bounded_or_wide_enough_is_not(query: str, body: str) -> None:
    assert not in_c(query, program(body))
