"""Remembers everything about a base, to say afterwards what a method left behind."""

from typing import Any

import torch
from torch import nn


class Watch:
    """A base's modules, tensors, attributes, hooks and configuration at one moment."""

    def __init__(self, base: nn.Module) -> None:
        self._base = base
        self._tree = self._seen()
        self._tensors = {name: tensor.clone() for name, tensor in base.state_dict().items()}
        self._config = self._configuration()

    def check(self) -> None:
        """Fail, naming the first module or tensor that is not as it was."""
        now = self._seen()
        assert list(now) == list(self._tree)
        for name, seen in self._tree.items():
            assert now[name] == seen, name
        for name, tensor in self._base.state_dict().items():
            assert torch.equal(tensor, self._tensors[name]), name
        assert self._configuration() == self._config

    def _seen(self) -> dict[str, Any]:
        return {name: _facts(module) for name, module in self._base.named_modules()}

    def _configuration(self) -> Any:
        config: Any = self._base.config
        return config.to_dict()


def _facts(module: nn.Module) -> dict[str, Any]:
    return {
        "itself": id(module),
        "modules": {name: id(child) for name, child in module._modules.items()},
        "parameters": {
            name: (id(p), p is not None and p.requires_grad) for name, p in module._parameters.items()
        },
        "buffers": {name: id(buffer) for name, buffer in module._buffers.items()},
        "attributes": sorted(vars(module)),
        "hooks": (len(module._forward_hooks), len(module._forward_pre_hooks), len(module._backward_hooks)),
        "training": module.training,
    }
