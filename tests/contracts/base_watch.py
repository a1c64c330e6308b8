"""Records everything about a base, to find what a method left behind."""

from typing import Any

import torch
from torch import nn


class Watch:
    """A base's modules, tensors, attributes, hooks and configuration at one moment."""

    def __init__(self, base: nn.Module) -> None:
        self._base = base
        self._tree = self._module_facts()
        self._tensors = {name: tensor.clone() for name, tensor in base.state_dict().items()}
        self._config = self._configuration()

    def check(self) -> None:
        """Fail with the name of the first module or tensor that changed."""
        modules = self._module_facts()
        assert list(modules) == list(self._tree)
        for name, facts in self._tree.items():
            assert modules[name] == facts, name
        for name, tensor in self._base.state_dict().items():
            assert torch.equal(tensor, self._tensors[name]), name
        assert self._configuration() == self._config

    def _module_facts(self) -> dict[str, Any]:
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
