"""The linear layers of attention and MLP in the blocks of a model, from its module tree and their shapes.

Nothing is run and no weight is read, so a model on the meta device or a quantised one gives the same. Names
are hints: they say which module is an attention and which layer makes queries, keys or values. Widths say
which layers lead from the width of the block and back to it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import nn

from astraios_ray.linear_layers import block_of, features_of, text_layers
from astraios_ray.models.layer_words import (
    ACTIVATION,
    ATTENTION,
    BLOCK_CLASS,
    NORM,
    SECOND,
    roles,
    says_output,
)
from astraios_ray.records import TARGET_FIELDS

Widths = Mapping[str, tuple[int, int]]  # of layers by name: features in and out


def layers_by_field(model: nn.Module) -> dict[str, list[str]]:
    """The names of the layers of each field of TargetModules, in the model's order; none where none is."""
    modules = dict(model.named_modules())
    layers = text_layers(model)
    widths = {name: features_of(layer) for name, layer in layers.items() if block_of(name)}
    stack_widths = _stack_widths(widths)
    usual = {name: width for name, width in widths.items() if not _is_other(modules, name)}
    homes = _attention_modules(modules, usual)
    fields: dict[str, list[str]] = {field: [] for field in TARGET_FIELDS}
    for group in _groups({name: usual[name] for name in homes}, homes.__getitem__):
        _add_attention(fields, _shallowest(group), stack_widths[_stack(next(iter(group)))])
    others = {name: width for name, width in usual.items() if name not in homes}
    for group in _groups(others, block_of):
        _add_mlps(fields, modules, group, stack_widths[_stack(next(iter(group)))])
    places = {name: place for place, name in enumerate(layers)}
    return {field: sorted(names, key=places.__getitem__) for field, names in fields.items()}


def _groups(widths: Widths, key: Callable[[str], str]) -> list[Widths]:
    """The layers whose names have the same ``key``, in groups."""
    groups: dict[str, dict[str, tuple[int, int]]] = {}
    for name, width in widths.items():
        groups.setdefault(key(name), {})[name] = width
    return list(groups.values())


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def _is_other(modules: Mapping[str, nn.Module], layer: str) -> bool:
    """Whether a layer belongs to a norm, or to a mixer of tokens that is no attention."""
    places = _parent(layer), _named_attention(modules, layer)
    in_norm = NORM.search(_parent(layer).removeprefix(block_of(layer)))
    return bool(in_norm) or any(_is_recurrent(modules[place]) for place in places if place)


def _is_recurrent(module: nn.Module) -> bool:
    """Whether a module mixes tokens by a convolution or weights of its own: Mamba, RWKV, a delta net."""
    own_weights = any(weight.dim() > 1 for weight in module.parameters(recurse=False))
    return own_weights or any(isinstance(child, nn.Conv1d) for child in module.children())


def _attention_modules(modules: Mapping[str, nn.Module], layers: Iterable[str]) -> dict[str, str]:
    """The attention module that each layer belongs to, by the layer's name. Others are left out."""
    siblings: dict[str, set[str]] = {}
    for name in layers:
        siblings.setdefault(_parent(name), set()).update(roles(name))
    homes = {name: _named_attention(modules, name) for name in layers}
    mixers = {name: _parent(name) for name in layers if siblings[_parent(name)] == set("qkv")}
    return {name: homes[name] or mixers[name] for name in layers if homes[name] or name in mixers}


def _named_attention(modules: Mapping[str, nn.Module], layer: str) -> str:
    """The outermost module around ``layer`` whose name, or else class, says that it is an attention."""
    parts = _parent(layer).split(".")
    paths = [".".join(parts[: i + 1]) for i in range(len(parts))]
    named = (i for i, part in enumerate(parts) if ATTENTION.search(part) and not NORM.search(part))
    if (first := next(named, None)) is not None:
        in_list = parts[first + 1 : first + 2]  # the number of one of several attentions in a block
        return paths[first + 1] if in_list and in_list[0].isdecimal() else paths[first]
    for path in paths[len(block_of(layer).split(".")) :]:
        kind = type(modules[path]).__name__
        if ATTENTION.search(kind) and not BLOCK_CLASS.search(kind):
            return path
    return ""


def _shallowest(group: Widths) -> Widths:
    """The layers with the fewest modules around them: not those of a part within the attention."""
    least = min(name.count(".") for name in group)
    return {name: width for name, width in group.items() if name.count(".") == least}


def _stack_widths(widths: Widths) -> dict[str, int]:
    """The width of the blocks of each stack: what most of its weights lead from or to."""
    weights: dict[str, Counter[int]] = {}
    for name, (wide_in, wide_out) in widths.items():
        counter = weights.setdefault(_stack(name), Counter())
        counter[wide_in] += wide_in * wide_out
        counter[wide_out] += wide_in * wide_out
    return {stack: counter.most_common(1)[0][0] for stack, counter in weights.items()}


def _stack(name: str) -> str:
    """The module that holds the list of blocks."""
    return _parent(_parent(block_of(name)))


def _add_attention(fields: dict[str, list[str]], group: Widths, width: int) -> None:
    """Share the layers of one attention out among the fields."""
    candidates = [name for name, (_, wide_out) in group.items() if wide_out == width and not roles(name)]
    output = next(filter(says_output, candidates), candidates[-1] if candidates else "")
    inputs = [name for name in group if name != output]
    inputs = [name for name in inputs if roles(name)] or inputs  # not its gates
    fused = not any(map(roles, inputs))
    fields["attention_in"] += inputs
    fields["attention_out"] += [output] if output else []
    fields["key_value"] += [name for name in inputs if fused or roles(name) & set("kv")]


def _add_mlps(fields: dict[str, list[str]], modules: Mapping[str, Any], group: Widths, width: int) -> None:
    """Share the layers of a block's MLPs out: of modules inside it, or else of the block as a whole."""
    block = block_of(next(iter(group)))
    parents = [parent for parent in dict.fromkeys(map(_parent, group)) if parent != block]
    mlps = {p: _mlp({n: w for n, w in group.items() if _parent(n) == p}, width) for p in parents}
    mlps = {parent: mlp for parent, mlp in mlps.items() if mlp[1]}
    with_activation = {parent: mlp for parent, mlp in mlps.items() if _has_activation(modules[parent])}
    for inputs, outputs in (with_activation or mlps or {block: _mlp(group, width)}).values():
        fields["mlp_in"] += inputs
        fields["mlp_out"] += outputs


def _has_activation(module: nn.Module) -> bool:
    children = module.named_children()
    return any(ACTIVATION.search(f"{name} {type(child).__name__}") for name, child in children)


def _mlp(group: Widths, width: int) -> tuple[list[str], list[str]]:
    """Input and output layers of an MLP. An input layer may make the gate too, and is then twice as wide."""
    inputs = {name: wide_out for name, (wide_in, wide_out) in group.items() if wide_in == width}
    outputs = [
        name
        for name, (wide_in, wide_out) in group.items()
        if wide_out == width and any(inputs[n] in (wide_in, 2 * wide_in) for n in inputs if n != name)
    ]
    if inputs.keys() & set(outputs):  # as wide as the block
        outputs = [name for name in outputs if says_output(name, SECOND)] or outputs[-1:]
    hidden = {group[name][0] for name in outputs}
    fitting = [name for name, wide in inputs.items() if wide in hidden or wide / 2 in hidden]
    return [name for name in fitting if name not in outputs], outputs
