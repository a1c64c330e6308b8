"""The parameters in the declaration of a function, in any language with brackets."""


def split_parameters(text: str) -> list[str]:
    """Parameters, split at the commas outside of brackets; no empty ones, and no blanks around them."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "<([") - (letter in ">)]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]
