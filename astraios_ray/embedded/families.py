"""The families of small Python functions of which all embedded text is made."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FunctionFamily:
    """Functions that do one thing, and differ in their names, parameter and constants.

    In a template ``{x}`` is the parameter, ``{a}``, ``{b}`` and ``{c}`` are constants, ``{w}`` is a word.
    ``docs`` are the corpus' own wordings (docstrings of pre-training), ``requests`` those of the instruction
    rows and of the problems. The corpus knows the first request of each of its families too; the second
    one, and families that are not ``in_corpus``, have to be learned by tuning.
    """

    name: str
    kind: str  # number | list | text: what the parameter is
    verbs: tuple[str, ...]  # first halves of the functions' names
    body: str
    bugs: tuple[str, ...]  # wrong bodies, for the fix task
    docs: tuple[str, ...]
    requests: tuple[str, ...]
    in_corpus: bool = True
    in_rows: bool = True

    @property
    def held_out(self) -> bool:
        """Whether no instruction row shows this family, so that its problems are out of distribution."""
        return not self.in_rows

    @property
    def docstrings(self) -> tuple[str, ...]:
        """The wordings of the corpus."""
        return (*self.docs, self.requests[0])

    @property
    def slots(self) -> tuple[str, ...]:
        """The constants and words that the body needs, in the order of the alphabet."""
        return tuple(slot for slot in ("a", "b", "c", "w") if f"{{{slot}}}" in self.body)


FAMILIES = (
    # Known from pre-training, met again in the instruction rows under other words.
    FunctionFamily(
        "add",
        "number",
        ("add", "plus", "increase"),
        "return {x} + {a}",
        ("return {x} - {a}", "return {x} * {a}"),
        ("Add {a} to {x}.", "Increase {x} by {a}."),
        ("Return the sum of {x} and {a}.", "What is {x} with {a} more?"),
    ),
    FunctionFamily(
        "subtract",
        "number",
        ("subtract", "minus", "reduce"),
        "return {x} - {a}",
        ("return {x} + {a}", "return {a} - {x}"),
        ("Subtract {a} from {x}.", "Reduce {x} by {a}."),
        ("Return the difference of {x} and {a}.", "What is {x} with {a} less?"),
    ),
    FunctionFamily(
        "scale",
        "number",
        ("scale", "multiply", "times"),
        "return {x} * {a}",
        ("return {x} + {a}", "return {x} // {a}"),
        ("Multiply {x} by {a}.", "Scale {x} by {a}."),
        ("Return the product of {x} and {a}.", "What is {x} taken {a} times?"),
    ),
    FunctionFamily(
        "remainder",
        "number",
        ("rest", "modulo", "wrap"),
        "return {x} % {a}",
        ("return {x} // {a}", "return {x} - {a}"),
        ("The rest of {x} modulo {a}.", "Wrap {x} at {a}."),
        ("Return the remainder of {x} over {a}.", "What is left of {x} after splitting it by {a}?"),
    ),
    FunctionFamily(
        "at_least",
        "number",
        ("floor", "raise_to", "lower_bound"),
        "return max({x}, {a})",
        ("return min({x}, {a})", "return {x}"),
        ("The larger of {x} and {a}.", "Bound {x} from below by {a}."),
        ("Return {x}, but never less than {a}.", "Return {x} or {a}, whichever is greater."),
    ),
    FunctionFamily(
        "at_most",
        "number",
        ("cap", "limit", "upper_bound"),
        "return min({x}, {a})",
        ("return max({x}, {a})", "return {a}"),
        ("The smaller of {x} and {a}.", "Bound {x} from above by {a}."),
        ("Return {x}, but never more than {a}.", "Return {x} or {a}, whichever is less."),
    ),
    FunctionFamily(
        "linear",
        "number",
        ("line", "convert", "linear"),
        "return {x} * {a} + {b}",
        ("return {x} + {a} * {b}", "return {x} * {a} - {b}"),
        ("Multiply {x} by {a} and add {b}.", "Scale {x} by {a}, then increase it by {b}."),
        ("Return {b} more than {a} times {x}.", "Return {x} taken {a} times, with {b} more."),
    ),
    FunctionFamily(
        "between",
        "number",
        ("inside", "within", "in_range"),
        "return {a} <= {x} <= {b}",
        ("return {x} <= {b}", "return {a} <= {x}"),
        ("Whether {x} lies inside {a} to {b}.", "Whether {x} is within {a} and {b}."),
        ("Is {x} no less than {a} and no more than {b}?", "Check that {x} is from {a} to {b}."),
    ),
    FunctionFamily(
        "choose",
        "number",
        ("choose", "select", "switch"),
        "return {a} if {x} > {b} else {c}",
        ("return {c} if {x} > {b} else {a}", "return {a} if {x} < {b} else {c}"),
        ("Choose {a} if {x} is above {b}, else {c}.", "Select {a} when {x} is above {b}, or else {c}."),
        (
            "Return {c}, but {a} for {x} greater than {b}.",
            "If {x} is greater than {b} return {a}, if not {c}.",
        ),
    ),
    FunctionFamily(
        "scale_all",
        "list",
        ("scale_all", "multiply_all", "stretch"),
        "return [v * {a} for v in {x}]",
        ("return [v + {a} for v in {x}]", "return {x} * {a}"),
        ("Multiply all of {x} by {a}.", "Scale every one of {x} by {a}."),
        ("Return each value of {x} taken {a} times.", "Return the products of {a} and each value of {x}."),
    ),
    FunctionFamily(
        "keep_above",
        "list",
        ("keep_above", "filter", "above"),
        "return [v for v in {x} if v > {a}]",
        ("return [v for v in {x} if v < {a}]", "return [v > {a} for v in {x}]"),
        ("Keep all of {x} above {a}.", "Filter {x}: only what is above {a}."),
        ("Return the values of {x} greater than {a}.", "Remove each value up to {a} from {x}."),
    ),
    FunctionFamily(
        "count_above",
        "list",
        ("count_above", "how_many", "tally"),
        "return sum(v > {a} for v in {x})",
        ("return sum(v < {a} for v in {x})", "return len({x}) > {a}"),
        ("Count all of {x} above {a}.", "How many of {x} are above {a}."),
        ("Return the number of values of {x} greater than {a}.", "Count each value of {x} over {a}."),
    ),
    FunctionFamily(
        "total_plus",
        "list",
        ("total_plus", "sum_and_add", "collect"),
        "return sum({x}) + {a}",
        ("return sum({x}) - {a}", "return len({x}) + {a}"),
        ("Add {a} to the total of {x}.", "The total of {x}, then increased by {a}."),
        ("Return {a} more than all of {x} together.", "Sum up {x}, with {a} more."),
    ),
    FunctionFamily(
        "put_before",
        "text",
        ("put_before", "prefix", "indent"),
        "return '{w}' * {a} + {x}",
        ("return {x} + '{w}' * {a}", "return '{w}' + {x} * {a}"),
        ("Put '{w}' before {x} {a} times.", "Prefix {x} by '{w}' times {a}."),
        ("Return {a} copies of '{w}' and then {x}.", "Return {x} with '{w}' {a} times in front."),
    ),
    # Never seen in pre-training: to be learned from the instruction rows alone.
    FunctionFamily(
        "negate",
        "number",
        ("complement", "missing", "up_to"),
        "return {a} - {x}",
        ("return {x} - {a}", "return {a} + {x}"),
        (),
        ("Return what {x} lacks to {a}.", "How far is {x} below {a}?"),
        in_corpus=False,
    ),
    FunctionFamily(
        "distance",
        "number",
        ("distance", "gap", "far_from"),
        "return abs({x} - {a})",
        ("return {x} - {a}", "return abs({x} + {a})"),
        (),
        ("Return the distance of {x} and {a}.", "How far apart are {x} and {a}?"),
        in_corpus=False,
    ),
    FunctionFamily(
        "divisible",
        "number",
        ("divisible", "fits", "is_multiple"),
        "return {x} % {a} == 0",
        ("return {x} % {a}", "return {x} // {a} == 0"),
        (),
        ("Is {x} a multiple of {a}?", "Check that {a} divides {x}."),
        in_corpus=False,
    ),
    FunctionFamily(
        "clamp",
        "number",
        ("clamp", "squeeze", "bounded"),
        "return max(min({x}, {b}), {a})",
        ("return min(max({x}, {b}), {a})", "return min({x}, {b})"),
        (),
        ("Return {x}, but never less than {a} nor more than {b}.", "Force {x} to be from {a} to {b}."),
        in_corpus=False,
    ),
    FunctionFamily(
        "sum_scaled",
        "list",
        ("total", "weigh", "sum_scaled"),
        "return sum({x}) * {a}",
        ("return sum({x}) + {a}", "return sum({x})"),
        (),
        ("Return the sum of {x} taken {a} times.", "Return {a} times the total of {x}."),
        in_corpus=False,
    ),
    FunctionFamily(
        "repeat",
        "text",
        ("repeat", "echo", "copies"),
        "return ({x} + '{w}') * {a}",
        ("return {x} + '{w}' * {a}", "return '{w}' * {a}"),
        (),
        (
            "Repeat {x} {a} times, with '{w}' behind each.",
            "Return {a} copies of {x}, each one closed by '{w}'.",
        ),
        in_corpus=False,
    ),
    # Known from pre-training, in no instruction row: the problems out of distribution.
    FunctionFamily(
        "divide",
        "number",
        ("divide", "split", "share"),
        "return {x} // {a}",
        ("return {x} * {a}", "return {x} % {a}"),
        ("Divide {x} by {a}.", "Split {x} by {a}."),
        ("Divide {x} by {a}.", "Return {x} divided by {a}."),
        in_rows=False,
    ),
    FunctionFamily(
        "shift_all",
        "list",
        ("shift_all", "add_to_all", "move"),
        "return [v + {a} for v in {x}]",
        ("return [v - {a} for v in {x}]", "return [{a} for v in {x}]"),
        ("Add {a} to all of {x}.", "Increase every one of {x} by {a}."),
        ("Add {a} to all of {x}.", "Return each value of {x} with {a} more."),
        in_rows=False,
    ),
    FunctionFamily(
        "contains",
        "list",
        ("contains", "has", "search"),
        "return {a} in {x}",
        ("return {a} not in {x}", "return {x} == {a}"),
        ("Whether {a} is one of {x}.", "Search {a} among {x}."),
        ("Whether {a} is one of {x}.", "Check that {x} has {a}."),
        in_rows=False,
    ),
    FunctionFamily(
        "put_after",
        "text",
        ("put_after", "suffix", "append"),
        "return {x} + '{w}' * {a}",
        ("return '{w}' * {a} + {x}", "return {x} * {a} + '{w}'"),
        ("Put '{w}' after {x} {a} times.", "Suffix {x} by '{w}' times {a}."),
        ("Put '{w}' after {x} {a} times.", "Return {x} and then {a} copies of '{w}'."),
        in_rows=False,
    ),
)
