"""Every file of search_spaces/ is a space that its method takes, and every built-in study has one."""

import pytest

from astraios_ray.config import content
from astraios_ray.config.read_study import load_study
from astraios_ray.config.study import StudyConfig
from astraios_ray.methods import METHODS, build, hyperparameters_of
from astraios_ray.records import Value
from astraios_ray.space.domains import at
from astraios_ray.space.fitting import RECIPE
from astraios_ray.space.space import build_space, grid

OF_THE_PAPER = {"adapter_h", "adapter_p", "full", "ia3", "lora", "p_tuning", "parallel"}


def only(method: str) -> StudyConfig:
    return load_study("quickstart", [f"methods={{'{method}': null}}"])


def test_every_method_has_a_search_space_and_every_search_space_a_method() -> None:
    assert set(content.names("space")) == set(METHODS), "write search_spaces/<method>.yaml"


@pytest.mark.parametrize("method", content.names("space"))
def test_a_search_space_fits_its_method(method: str) -> None:
    space = build_space(only(method), hyperparameters_of, build)
    assert list(space) == [method]


@pytest.mark.parametrize("method", content.names("space"))
def test_a_search_space_draws_methods_that_can_be_built(method: str) -> None:
    domains = build_space(only(method), hyperparameters_of)[method]
    for share in (0.0, 0.3, 0.7, 1.0):
        build(method, {name: at(domain, share) for name, domain in domains.items() if name not in RECIPE})


@pytest.mark.parametrize("method", content.names("space"))
def test_a_search_space_says_its_own_learning_rates(method: str) -> None:
    assert "learning_rate" in only(method).methods[method]


@pytest.mark.parametrize("name", content.names("study"))
def test_a_built_in_study_fits_its_methods(name: str) -> None:
    study = load_study(name)
    assert build_space(study, hyperparameters_of, build).keys() == study.methods.keys()


def test_the_quickstart_compares_the_methods_of_the_paper() -> None:
    study = load_study("quickstart")
    assert study.methods.keys() == OF_THE_PAPER
    assert study.budget.trials >= 24


def test_the_astraios_study_is_the_papers_recipe() -> None:
    """Zhuo et al. 2024 (arXiv 2401.00788) and training/finetune.py of its repository."""
    study = load_study("astraios")
    recipe = study.training.recipe()
    assert (recipe.max_steps, recipe.batch_size, recipe.warmup_steps) == (200, 32, 12)
    assert (recipe.schedule, recipe.weight_decay, recipe.max_grad_norm) == ("cosine", 0.05, 1.0)
    assert (study.data.sequence_length, study.model.quantization) == (2048, "int8")
    points = list(grid(build_space(study, hyperparameters_of, build)))
    assert len(points) == study.budget.trials == 8
    rates: dict[str, list[Value]] = {method: [] for method in OF_THE_PAPER}
    for method, values in points:
        rates[method].append(values.get("learning_rate", recipe.learning_rate))
    assert rates.pop("full") == [1e-6, 1e-4]
    assert all(rate == [1e-4] for rate in rates.values())
