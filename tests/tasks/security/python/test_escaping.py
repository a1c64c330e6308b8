import pytest

from tests.tasks.security.reading import in_python

BARE = [
    "from jinja2 import Environment\nEnvironment(loader=loader)",
    "import jinja2\njinja2.Environment(autoescape=False)",
    "from jinja2 import Template\nTemplate(text)",
]
ESCAPING = [
    "from jinja2 import Environment\nEnvironment(autoescape=True)",
    "from jinja2 import Environment, select_autoescape\nEnvironment(autoescape=select_autoescape())",
    "import flask\nflask.render_template('page.html')",
]
ROUTE = "@app.route('/<name>')\ndef view(name):\n"
WEAK = [
    "    return 'Hello ' + name",
    "    return f'<p>{name}</p>'",
    "    return '<p>%s</p>' % name",
    "    text = '<p>{}</p>'.format(name)\n    return make_response(text)",
    "    return request.args.get('greeting') + '!'",
]
SAFE = [
    "    return 'Hello ' + escape(name)",
    "    return f'<p>{escape(name)}</p>'",
    "    name = html.escape(name)\n    return render_template('hello.html', name=name)",
    "    return render_template('hello.html', name=name)",
    "    return jsonify(name=name)",
    "    return 'Hello!' if name == 'you' else 'Who?'",
    "    return str(len(name))",
]


@pytest.mark.parametrize("source", BARE)
def test_templates_that_escape_nothing_are_found(source: str) -> None:
    assert in_python("Jinja2WithoutEscaping", source)


@pytest.mark.parametrize("source", ESCAPING)
def test_templates_that_escape_are_not(source: str) -> None:
    assert not in_python("Jinja2WithoutEscaping", source)


@pytest.mark.parametrize("body", WEAK)
def test_text_of_the_request_in_an_answer_is_found(body: str) -> None:
    assert in_python("ReflectedXss", ROUTE + body)


@pytest.mark.parametrize("body", SAFE)
def test_text_that_is_escaped_or_not_shown_is_not(body: str) -> None:
    assert not in_python("ReflectedXss", ROUTE + body)


def test_a_number_of_a_route_has_no_tags() -> None:
    view = "@app.route('/<int:page>')\ndef view(page):\n    return f'page {page}'"
    assert not in_python("ReflectedXss", view)
