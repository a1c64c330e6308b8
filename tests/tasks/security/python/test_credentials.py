import pytest

from tests.tasks.security.reading import in_python

WEAK = [
    'connect(host="localhost", user="me", passwd="opensesame")',
    'password = "opensesame"',
    'config.secret_key = "opensesame"',
    'ok = password == "opensesame"',
    'settings = {"password": "opensesame"}',
    'def login(user, password="opensesame"):\n    pass',
    'import MySQLdb\nMySQLdb.connect("localhost", "me", "opensesame", "books")',
    'app.config["SECRET_KEY"] = "opensesame"',
]
SAFE = [
    'connect(host="localhost", user="me", passwd=os.environ["DB_PASSWORD"])',
    'connect(host="localhost", user="me", passwd="")',
    'password = request.form["password"]',
    "ok = check(password, stored)",
    "def login(user, password=None):\n    pass",
    'title = "opensesame"',
    'import MySQLdb\nMySQLdb.connect("localhost", user, password, "books")',
]


@pytest.mark.parametrize("source", WEAK)
@pytest.mark.parametrize("scenario", ["a", "b", "c"])
def test_a_password_in_the_program_is_found(source: str, scenario: str) -> None:
    assert in_python(f"cwe-798_HardcodedCredentials-{scenario}", source)


@pytest.mark.parametrize("source", SAFE)
def test_one_from_elsewhere_and_an_empty_one_are_not(source: str) -> None:
    assert not in_python("cwe-798_HardcodedCredentials-a", source)
