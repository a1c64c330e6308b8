"""The names, words and numbers that fill the templates of embedded functions."""

PARAMETERS = {
    "number": ("x", "n", "k", "num", "value"),
    "list": ("items", "values", "nums", "xs"),
    "text": ("text", "word", "s", "name"),
}
ARGUMENTS = {  # what the problems' tests call a function with, as Python source
    "number": ("0", "1", "7", "25", "50", "99", "120", "-13"),
    "list": ("[]", "[5, 40, 11, 77, 30]", "list(range(0, 100, 3))", "list(range(99, -20, -7))"),
    "text": ("''", "'a'", "'cherry'", "'some words'"),
}
WORDS = (
    *("red", "sun", "cat", "dog", "sky", "ice", "tea", "map"),
    *("key", "box", "cup", "hat", "pen", "jam", "owl", "bee"),
)
CONSTANTS = range(2, 100)
