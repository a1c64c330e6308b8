import pytest

from tests.tasks.security.reading import in_python

VIEW = "import os\nfrom flask import request, send_file\n\ndef view():\n"
WEAK = [
    "    return send_file('photos/' + request.args.get('name'))",
    "    name = request.form['name']\n    path = os.path.join('photos', name)\n    open(path)",
    "    return send_file(f\"photos/{request.args['name']}\")",
    "    name = request.args['name']\n    if name[-4:] == '.png':\n        return send_file(name)",
]
SAFE = [
    "    return send_from_directory('photos', request.args.get('name'))",
    "    return send_file(safe_join('photos', request.args.get('name')))",
    "    name = secure_filename(request.args['name'])\n    return send_file('photos/' + name)",
    "    name = request.args['name']\n    if name in KNOWN:\n        return send_file('photos/' + name)",
    "    path = os.path.realpath(request.args['name'])\n"
    "    if path.startswith('/photos/'):\n        return send_file(path)",
    "    return send_file('photos/cover.png')",
    "    return send_file(f\"photos/{int(request.args['number'])}.png\")",
]


@pytest.mark.parametrize("body", WEAK)
def test_a_path_that_the_request_names_is_found(body: str) -> None:
    assert in_python("PathInjection", VIEW + body)


@pytest.mark.parametrize("body", SAFE)
def test_one_that_stays_in_its_folder_is_not(body: str) -> None:
    assert not in_python("PathInjection", VIEW + body)


def test_the_value_of_a_route_is_of_the_request_too_unless_it_is_a_number() -> None:
    view = "@app.route('/{}')\ndef view(name):\n    return send_file('photos/' + name)"
    assert in_python("PathInjection", view.format("<name>"))
    assert not in_python("PathInjection", view.format("<int:name>"))
