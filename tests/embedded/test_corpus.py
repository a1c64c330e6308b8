from itertools import islice

from astraios_ray.embedded.corpus import documents
from astraios_ray.embedded.families import FAMILIES


def test_the_same_seed_gives_the_same_text_and_a_longer_corpus_begins_like_a_shorter_one() -> None:
    assert list(documents(50)) == list(islice(documents(80), 50))
    assert list(documents(50, seed=1)) != list(documents(50, seed=2))


def test_every_document_with_code_is_python() -> None:
    code = [text for text in documents(300) if text.startswith("def ")]
    assert len(code) > 200
    for text in code:
        compile(text, "<document>", "exec")


def test_no_function_that_only_tuning_shows_is_in_the_corpus() -> None:
    names = {name for family in FAMILIES if not family.in_corpus for name in family.verbs}
    defined = {text[4 : text.index("(")] for text in documents(2000) if text.startswith("def ")}
    assert names
    assert not names & defined


def test_no_prose_stands_beside_code() -> None:
    prose = [text for text in documents(300) if not text.startswith("def ")]
    assert prose
    assert not any("return " in text for text in prose)
