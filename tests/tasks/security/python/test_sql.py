import pytest

from tests.tasks.security.reading import in_python

WEAK = [
    "cursor.execute(\"SELECT * FROM users WHERE name = '%s'\" % name)",
    'cursor.execute("SELECT * FROM users WHERE name = \'" + name + "\'")',
    "cursor.execute(f\"SELECT * FROM users WHERE name = '{name}'\")",
    "cursor.execute(\"SELECT * FROM users WHERE name = '{}'\".format(name))",
    'query = "DELETE FROM users WHERE id = " + number\ncursor.execute(query)',
    'query = "SELECT * FROM users"\nquery += " WHERE id = " + number\ncursor.execute(query)',
    'session.execute(text(f"DELETE FROM users WHERE id = {number}"))',
]
SAFE = [
    'cursor.execute("SELECT * FROM users WHERE name = %s", (name,))',
    'cursor.execute("SELECT * FROM users WHERE name = ?", [name])',
    'query = "SELECT * FROM users WHERE id = :id"\ncursor.execute(query, {"id": number})',
    'query = "SELECT * FROM users"\nquery += " WHERE id = %s"\ncursor.execute(query, (number,))',
    'cursor.execute("SELECT * " + "FROM users")',
    'print("SELECT " + name)',
]


@pytest.mark.parametrize("source", WEAK)
def test_values_in_the_text_of_a_statement_are_found(source: str) -> None:
    assert in_python("SqlInjection", source)


@pytest.mark.parametrize("source", SAFE)
def test_parameters_are_not(source: str) -> None:
    assert not in_python("SqlInjection", source)
