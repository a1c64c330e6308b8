import ast

import pytest

from astraios_ray.tasks.security.python.taint import tainted_names


def cleans(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "clean"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = request.args['x']\nb = a + 'y'\nc = clean(b)", {"a", "b"}),
        ("b = a\na = flask.request.get_json()", {"a", "b"}),
        ("for a in request.form:\n    b, c = a, 1", {"a", "b", "c"}),
        ("a = 'x' in request.args", set()),
        ("a = 1 if request.args else 2", set()),
        ("@app.route('/<a>/<int:b>')\ndef view(a, b):\n    pass", {"a"}),
        ("if (a := request.cookies.get('x')):\n    pass", {"a"}),
        ("a = request\nb = args", set()),
    ],
)
def test_variables_with_text_of_a_stranger(source: str, names: set[str]) -> None:
    assert tainted_names(ast.parse(source), cleans) == names
