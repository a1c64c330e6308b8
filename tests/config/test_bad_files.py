"""Every way of writing a study wrongly that we know of, and what is said about it."""

from pathlib import Path

import pytest

from astraios_ray.config.read_study import load_study
from astraios_ray.errors import ConfigError
from tests.config.studies import GOOD, study_file, with_line

BOMB = 'a: &a ["x","x","x","x","x","x","x","x","x"]\n' + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)

CASES = {
    # what is wrong: (the file, the lines that must be said)
    "empty file": ("", ["1: the file is empty"]),
    "only comments": ("# nothing\n", ["1: the file is empty"]),
    "a list": ("- lora\n", ["1: found"]),
    "a tab": (with_line(3, "model:\n\tid: x"), ["4: a tab; YAML is indented with spaces"]),
    "an unclosed bracket": (with_line(6, "budget: {trials: 4"), ["not readable as YAML"]),
    "two documents": (GOOD + "---\n" + GOOD, ["a second document"]),
    "an unknown key": (
        with_line(5, "trainign: {max_steps: 100}"),
        ["5: trainign: unknown key (did you mean 'training'?)"],
    ),
    "an empty region": (
        with_line(7, "ood: {region: length, low: 0.5, high: 0.5}"),
        ["7: ood.low: the region from 0.5 to high 0.5 is empty"],
    ),
    "a cluster too many": (
        with_line(7, "ood: {region: meaning, clusters: 4, cluster: 4}"),
        ["7: ood.cluster: there is no cluster 4 of 4; write 0 to 3"],
    ),
    "a region of syntax without an element": (
        with_line(7, "ood: {region: syntax}"),
        ["ood.element: the region syntax needs one; none is given"],
    ),
    "a node that Python does not have": (
        with_line(7, "ood: {region: syntax, element: ListComprehension}"),
        ["7: ood.element: Python's ast module has no node 'ListComprehension'"],
    ),
    "an element that is not needed": (
        with_line(7, "ood: {region: length, element: For}"),
        ["7: ood.element: the region length takes none; leave it out"],
    ),
    "a grammar for what has none": (
        with_line(7, "ood: {region: token, element: for, language: java}"),
        ["7: ood.language: is of region syntax only; leave it out"],
    ),
    "trials that three training sets cannot share": (
        with_line(7, "ood: {region: length}"),
        ["budget.trials:"],
    ),
    "an unknown training set": (
        with_line(7, "ood: {region: length, training_sets: [most]}"),
        ["7: ood.training_sets"],
    ),
    "an unknown template": (
        with_line(4, "data: {train: 'builtin:primer', template: chta}"),
        ["4: data.template: there is no template 'chta' (did you mean 'chat'?); known: astraios, chat,"],
    ),
    "a template that is no Jinja": (
        with_line(4, "data: {train: 'builtin:primer', template: '{{ prompt'}"),
        ["4: data.template: not readable as Jinja: line 1:"],
    ),
    "a template with an unknown variable": (
        with_line(4, "data: {train: 'builtin:primer', template: '{{ promt }} {{ completion }}'}"),
        ["4: data.template: there is no variable promt (did you mean 'prompt'?)"],
    ),
    "a template without the answer": (
        with_line(4, "data: {train: 'builtin:primer', template: '{{ prompt }}'}"),
        ["4: data.template: has no {{ completion }}; it writes prompt and completion, or messages"],
    ),
    "a system's text without a place": (
        with_line(4, "data: {train: 'builtin:primer', system: Be brief.}"),
        ["4: data.system: the template has no place for a system's text; write chat, or leave system out"],
    ),
    "an unknown key of a source": (
        with_line(4, "data: {train: [{source: 'builtin:primer', wieght: 2}]}"),
        ["4: data.train.0.wieght: unknown key (did you mean 'weight'?); known keys:"],
    ),
    "a source without a name": (
        with_line(4, "data: {train: {weight: 2}}"),
        ["4: data.train.source: this key is missing; it has no default"],
    ),
    "a weight of nothing": (
        with_line(4, "data: {train: [{source: 'builtin:primer', weight: 0}]}"),
        ["4: data.train.0.weight: expected above 0.0, found 0"],
    ),
    "one weight of two": (
        with_line(4, "data: {train: [{source: 'builtin:primer', weight: 1}, 'builtin:primer']}"),
        ["4: data.train.1: has no weight, and other sources have one; give each a weight, or none"],
    ),
    "no source at all": (
        with_line(4, "data: {train: []}"),
        ["4: data.train: found an empty list; name at least one source"],
    ),
    "a missing file among sources": (
        with_line(4, "data: {train: ['builtin:primer', ./rows.csv]}"),
        ["4: data.train.1: no file ./rows.csv"],
    ),
    "an unknown built-in source": (
        with_line(4, "data: {train: ['builtin:prime']}"),
        ["4: data.train.0: there is no builtin:prime (did you mean 'primer'?)"],
    ),
    "a hub id among sources without a commit": (
        with_line(4, "data: {train: [{source: some/rows}]}"),
        ["4: data.revision: some/rows is not built in and no file here, and a hub id needs a revision"],
    ),
    "a validation of nothing": (
        with_line(4, "data: {train: 'builtin:primer', validation: {config: python}}"),
        ["4: data.validation: names neither a source nor a split of the training rows; write one"],
    ),
    "an unknown key of the validation": (
        with_line(4, "data: {train: 'builtin:primer', validation: {splt: test}}"),
        ["4: data.validation.splt: unknown key (did you mean 'split'?); known keys:"],
    ),
    "epochs of nothing": (
        with_line(5, "training: {epochs: 0}"),
        ["5: training.epochs: expected above 0.0, found 0"],
    ),
    "an unknown nested key": (
        with_line(5, "training: {max_step: 100}"),
        ["5: training.max_step: unknown key (did you mean 'max_steps'?)"],
    ),
    "a duplicate key": (
        with_line(6, "budget: {trials: 4, trials: 5}"),
        ["6: budget.trials: the key is written twice, first in line 6"],
    ),
    "a duplicate method": (
        GOOD + "  lora: {r: 8}\n",
        ["11: methods.lora: the key is written twice, first in line 10; keep one of the two"],
    ),
    "text for a whole number": (
        with_line(6, "budget: {trials: four}"),
        ["6: budget.trials: expected a whole number, found text 'four'"],
    ),
    "a quoted number": (
        with_line(6, 'budget: {trials: "4"}'),
        ["6: budget.trials:", "write 4 without quotes"],
    ),
    "a real for a whole number": (with_line(6, "budget: {trials: 4.0}"), ["found 4.0; write 4"]),
    "a truth value for a number": (
        with_line(6, "budget: {trials: true}"),
        ["6: budget.trials: expected a whole number, found true"],
    ),
    "a number for text": (
        with_line(3, "model: {id: x, revision: 1234567}"),
        ["3: model.revision: expected text, found 1234567; put it in quotes: '1234567'"],
    ),
    "1e-4 as a number": (
        with_line(5, "training: {learning_rate: 1e-4}"),
        ["5: training.learning_rate: `1e-4` is text in YAML 1.1; write 1.0e-4"],
    ),
    "1e3 as a whole number": (
        with_line(6, "budget: {trials: 1e3}") + "lanes: {count: 1e1}\n",
        [
            "6: budget.trials: `1e3` is text in YAML 1.1; write 1000",
            "11: lanes.count: `1e1` is text in YAML 1.1; write 10",
        ],
    ),
    "1e-4 in a range": (
        with_line(8, "defaults: {learning_rate: {min: 1e-4, max: 1.0e-2}}"),
        ["8: defaults.learning_rate.min: `1e-4` is text in YAML 1.1; write 1.0e-4"],
    ),
    "1e-4 among values": (
        with_line(10, "  lora: {learning_rate: [1e-4, 2.5e3]}"),
        [
            "10: methods.lora.learning_rate.values.0: `1e-4`",
            "values.1: `2.5e3` is text in YAML 1.1; write 2.5e+3",
        ],
    ),
    "1e-4 as a constant": (
        with_line(10, "  lora: {learning_rate: 1e-4}"),
        ["10: methods.lora.learning_rate: `1e-4` is text in YAML 1.1; write 1.0e-4"],
    ),
    "yes for true": (
        GOOD + "tracking: {mlflow: yes}\n",
        ["11: tracking.mlflow: `yes` is a truth value in YAML 1.1; write true or false"],
    ),
    "no for text": (with_line(2, "name: no"), ["2: name: `no` is a truth value in YAML 1.1"]),
    "on as a key": (
        with_line(10, "  on: {r: 8}"),
        ["10: methods: the key `on` is read as bool; keys are text"],
    ),
    "a number as a key": (with_line(10, "  8: {r: 8}"), ["10: methods: the key `8` is read as int"]),
    "an octal number": (with_line(6, "budget: {trials: 010}"), ["6: budget.trials: `010` is an octal"]),
    "a base-60 number": (with_line(6, "budget: {trials: 1:30}"), ["6: budget.trials: `1:30` is an octal"]),
    "a number of too many digits": (
        with_line(6, f"budget: {{trials: {'9' * 5000}}}"),
        ["a number of 5000 digits"],
    ),
    "not a number": (with_line(5, "training: {learning_rate: .nan}"), ["`.nan` is not a finite number"]),
    "infinity": (
        with_line(8, "defaults: {learning_rate: {min: 1.0, max: .inf}}"),
        ["8: defaults.learning_rate.max: `.inf` is not a finite number"],
    ),
    "a python object": (
        with_line(2, "name: !!python/object/apply:os.system [echo pwned]"),
        ["2: name: the tag !!python/object/apply:os.system; only plain values are read"],
    ),
    "a NUL in a path": (
        with_line(2, 'name: "a\\0b"'),
        ["2: name: a NUL character, which no name or path may have"],
    ),
    "a tag of one's own": (with_line(2, "name: !secret x"), ["2: name: the tag !secret"]),
    "binary data": (with_line(2, "name: !!binary aGk="), ["2: name: the tag !!binary"]),
    "an alias bomb": (BOMB, ["more than 10000 values once aliases are expanded"]),
    "an alias of itself": (GOOD + "enqueue: &e [*e]\n", ["an alias that contains itself"]),
    "a merge key": (GOOD + "evaluate: {<<: {top: 1}}\n", ["11: evaluate: the merge key '<<'"]),
    "endless nesting": ("x: " + "[" * 5000, ["more than 30 mappings and lists inside each other"]),
    "a huge file": ("# " + "x" * 300_000 + "\n" + GOOD, ["at most 200000 are read"]),
    "min above max": (
        with_line(8, "defaults: {learning_rate: {min: 1.0, max: 0.1}}"),
        ["8: defaults.learning_rate: min 1.0 is not below max 0.1; swap the two"],
    ),
    "min equal to max": (with_line(8, "defaults: {learning_rate: {min: 1.0, max: 1.0}}"), ["a single value"]),
    "log from zero": (
        with_line(8, "defaults: {learning_rate: {min: 0.0, max: 0.1, log: true}}"),
        ["8: defaults.learning_rate: log needs min above 0, found 0.0"],
    ),
    "log with a step": (
        with_line(10, "  lora: {r: {min: 1, max: 9, step: 2, log: true}}"),
        ["10: methods.lora.r: log and step exclude each other"],
    ),
    "a step that misses max": (
        with_line(10, "  lora: {r: {min: 1, max: 10, step: 2}}"),
        ["10: methods.lora.r: step 2 from 1 never reaches max 10; the last is 9"],
    ),
    "a range without max": (
        with_line(10, "  lora: {r: {min: 1}}"),
        ["10: methods.lora.r.max: this key is missing"],
    ),
    "a misspelt range": (
        with_line(10, "  lora: {r: {valeus: [4, 8]}}"),
        ["10: methods.lora.r.valeus: unknown key; known keys: min, max, log, step"],
    ),
    "no values": (
        with_line(10, "  lora: {r: {values: []}}"),
        ["10: methods.lora.r: an empty list of values"],
    ),
    "a value twice": (with_line(10, "  lora: {r: [4, 8, 4]}"), ["10: methods.lora.r: 4 stands twice"]),
    "a list as a value": (
        with_line(10, "  lora: {r: [[4, 8]]}"),
        ["10: methods.lora.r.values.0: found a list"],
    ),
    "no methods": (with_line(9, "methods: {}").rsplit("\n", 2)[0] + "\n", ["9: methods: no methods"]),
    "a method without space": (
        with_line(10, "  lroa:"),
        ["10: methods.lroa: no block, and no search space of that name (did you mean 'lora'?)"],
    ),
    "an unknown choice": (
        with_line(7, "early_stop: {rule: halvin, grace: 10}"),
        [
            "7: early_stop.rule: expected halving, asha, median or none, found text 'halvin'",
            "(did you mean 'halving'?)",
        ],
    ),
    "a number out of bounds": (
        with_line(7, "early_stop: {grace: 10, audit_fraction: 1.5}"),
        ["7: early_stop.audit_fraction: expected at most 1.0, found 1.5"],
    ),
    "neither auto nor a number": (
        GOOD + "lanes: {count: 0, gpus: some}\n",
        [
            "11: lanes.count: expected auto or a whole number from 1, found 0",
            "11: lanes.gpus: expected auto or a num",
        ],
    ),
    "a missing section": (with_line(6, "search: {seed: 1}"), ["1: budget: this key is missing"]),
    "a section that is no mapping": (with_line(6, "budget: 4"), ["6: budget: expected a mapping of keys"]),
    "another version": (with_line(1, "version: 2"), ["1: version: expected 1, found 2"]),
    "a name with a slash": (with_line(2, "name: a/b"), ["2: name: expected letters, digits"]),
    "warm-up without end": (
        with_line(5, "training: {max_steps: 100, warmup_steps: 100}"),
        ["5: training.warmup_steps: 100 steps of warm-up never end in 100 steps; write less than 100"],
    ),
    "an unvalidated last step": (
        with_line(5, "training: {max_steps: 100, validate_every: 30}"),
        ["5: training.validate_every: 30 does not divide max_steps 100", "write 25"],
    ),
    "a rung between validations": (
        with_line(7, "early_stop: {grace: 12}"),
        ["7: early_stop.grace: 12 is no multiple of validate_every 10, where trials are compared; write 10"],
    ),
    "no step before the end at which trials could be compared": (
        with_line(5, "training: {max_steps: 60, validate_every: 60, warmup_steps: 10}"),
        ["5: training.validate_every: trials are compared before their end", "early_stop.rule none"],
    ),
    "a rung after the end": (
        with_line(7, "early_stop: {grace: 100}"),
        ["7: early_stop.grace: the first comparison"],
    ),
    "fewer trials than methods": (
        with_line(6, "budget: {trials: 1}") + "  ia3: {}\n",
        ["6: budget.trials: 1 trials leave some of the 2 methods untried; write at least 2"],
    ),
    "an unknown task": (
        GOOD + "evaluate: {tasks: [prmer]}\n",
        ["11: evaluate.tasks.0: no evaluator is named 'prmer' (did you mean 'primer'?)"],
    ),
    "a missing data file": (with_line(4, "data: {train: rows.jsonl}"), ["4: data.train: no file rows.jsonl"]),
    "an unknown built-in": (
        with_line(3, 'model: {id: "builtin:nano-q"}'),
        ["3: model.id: there is no builtin:nano-q", "known: builtin:nano-xs"],
    ),
    "an unpinned model": (
        with_line(3, "model: {id: a/b}"),
        ["3: model.revision: a/b is not built in", "revision"],
    ),
    "a revision of a folder": (
        with_line(3, 'model: {id: "builtin:nano-s", revision: main}'),
        ["3: model.revision: found 'main', but builtin:nano-s is no hub id and has no revisions; write null"],
    ),
    "workers that share unevenly": (
        GOOD + "lanes: {workers: 3}\n",
        ["11: lanes.workers: 3 workers cannot share"],
    ),
    "a paged optimiser on CPUs": (
        with_line(5, "training: {optimizer: paged_adamw_8bit}") + "lanes: {gpus: 0}\n",
        ["5: training.optimizer: paged_adamw_8bit needs GPUs, and lanes.gpus is 0; write adamw_8bit"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(case: str, tmp_path: Path) -> None:
    text, messages = CASES[case]
    path = study_file(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load_study(path)
    lines = str(error.value).splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    for words in messages:
        assert any(words in line for line in lines), str(error.value)


def test_one_mistake_is_one_line(tmp_path: Path) -> None:
    for case in ("an unknown key", "1e-4 in a range", "min above max", "a python object", "no for text"):
        with pytest.raises(ConfigError) as error:
            load_study(study_file(tmp_path, CASES[case][0]))
        assert len(str(error.value).splitlines()) == 1, str(error.value)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
name: a/b
model: {id: 3}
data: {train: gone.jsonl, foo: yes}
training: {max_steps: 100, warmup_steps: 200, learning_rate: 1e-4}
budget: {trials: 1, trials: 2}
methods: {lora: {r: []}, lroa: }
evaluate: {tasks: [prmer]}
"""
    with pytest.raises(ConfigError) as error:
        load_study(study_file(tmp_path, text))
    paths = [line.split(": ", 2)[1] for line in str(error.value).splitlines()]
    assert paths[:3] == ["name", "model.id", "data.foo"]
    assert set(paths) == {
        "name",
        "model.id",
        "data.foo",
        "data.train",
        "training.warmup_steps",
        "training.learning_rate",
        "budget.trials",
        "methods.lora.r",
        "methods.lroa",
        "evaluate.tasks.0",
    }


def test_a_mistake_elsewhere_invents_no_other(tmp_path: Path) -> None:
    text = with_line(6, "budget: {trials: 1}") + "lanes: {count: 0}\n"
    with pytest.raises(ConfigError) as error:
        load_study(study_file(tmp_path, text))
    assert len(str(error.value).splitlines()) == 1


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_study(path)


def test_a_missing_file_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    study_file(tmp_path)
    with pytest.raises(ConfigError, match=r"no such file \(did you mean 'study.yaml'\?\)"):
        load_study(tmp_path / "stduy.yaml")


def test_an_unknown_built_in_study_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="did you mean 'quickstart'"):
        load_study("quickstrat")
