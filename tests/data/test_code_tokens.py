from astraios_ray.data.code_tokens import code_tokens


def test_a_token_is_a_word_or_a_sign() -> None:
    assert code_tokens("if (a_1>=10)\n{ b.c(); }") == [
        *("if", "(", "a_1", ">", "=", "10", ")"),
        *("{", "b", ".", "c", "(", ")", ";", "}"),
    ]
