"""What a machine must have, and may have, to run studies: one finding each."""

import os
import platform
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from astraios_ray.errors import SandboxError, SandboxUnavailable
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.studies.run_folders import RUNS

OLDEST_PYTHON = (3, 11)
PACKAGES = ("torch", "transformers", "peft", "bitsandbytes", "ray", "optuna", "mlflow")
FREE_GIB = 5.0
RAY_PORTS = {6379: "a Ray cluster's head", 8265: "a Ray dashboard"}

GOOD, NOTE, BAD = "ok", "note", "bad"


@dataclass(frozen=True)
class Diagnosis:
    """The result of one check. The command ends with ``exit_code`` when the state is bad."""

    name: str
    state: str  # ok | note | bad
    found: str
    advice: str = ""
    exit_code: int = 1


def doctor(folder: Path | str = RUNS, *, sandbox_python: str = "default") -> Iterator[Diagnosis]:
    """All findings, the quick ones first. ``folder`` is where runs would be written.

    ``sandbox_python`` says with which packages the sandbox is tried: ``default``, ``numpy`` or the folder of
    a virtual environment.
    """
    environment = os.environ
    yield _python()
    yield from map(_package, PACKAGES)
    yield _disk(Path(folder))
    yield _gpu()
    yield from _plug_ins()
    yield _tracking(environment.get("MLFLOW_TRACKING_URI", ""))
    yield from _ray(environment)
    yield from _sandbox(sandbox_python)


def _python() -> Diagnosis:
    good = sys.version_info >= OLDEST_PYTHON
    advice = "" if good else f"Use Python >= {'.'.join(map(str, OLDEST_PYTHON))}."
    return Diagnosis("python", GOOD if good else BAD, platform.python_version(), advice)


def _package(name: str) -> Diagnosis:
    try:
        return Diagnosis(name, GOOD, version(name))
    except PackageNotFoundError:
        return Diagnosis(name, BAD, "not installed", f"pip install {name}")


def _disk(folder: Path) -> Diagnosis:
    place = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free / 2**30
    text = f"{free:.1f} GiB free at {place.absolute()}"
    if free >= FREE_GIB:
        return Diagnosis("disk", GOOD, text)
    return Diagnosis("disk", NOTE, text, f"Checkpoints of large models need more than {FREE_GIB:.0f} GiB.")


def _gpu() -> Diagnosis:
    try:
        import torch
    except ImportError as error:
        return Diagnosis("gpu", NOTE, f"torch cannot be loaded: {error}")
    if not torch.cuda.is_available():
        return Diagnosis("gpu", NOTE, "none", "Embedded models train on the CPU; larger ones need a GPU.")
    names = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return Diagnosis("gpu", GOOD, ", ".join(names))


def _plug_ins() -> Iterator[Diagnosis]:
    """Load each plug-in. A broken one is a note, since nothing else needs it."""
    from astraios_ray.evaluation.loading import PLUG_INS as EVALUATORS
    from astraios_ray.methods import PLUG_INS as METHODS

    for kind, plug_ins in (("method", METHODS), ("evaluator", EVALUATORS)):
        for plug_in in plug_ins.states():
            state, text = (NOTE, plug_in.problem) if plug_in.problem else (GOOD, plug_in.source)
            yield Diagnosis(f"plug-in, {kind} {plug_in.name}", state, text)


def _tracking(uri: str) -> Diagnosis:
    if not uri:
        return Diagnosis("mlflow tracking", GOOD, "no MLFLOW_TRACKING_URI: each run folder has its own store")
    address = urlsplit(uri)
    public_uri = f"{address.scheme}://{address.hostname or ''}{address.path}"  # without user and password
    if address.scheme not in ("http", "https"):
        return Diagnosis("mlflow tracking", GOOD, public_uri)
    try:
        with urlopen(f"{uri.rstrip('/')}/health", timeout=5) as answer:
            return Diagnosis("mlflow tracking", GOOD, f"{public_uri} answers {answer.status}")
    except (URLError, OSError, ValueError) as error:
        advice = "Start the server (mlflow/README.md) or unset MLFLOW_TRACKING_URI."
        return Diagnosis("mlflow tracking", BAD, f"{public_uri} does not answer: {error}", advice)


def _ray(environment: Mapping[str, str]) -> Iterator[Diagnosis]:
    mode = environment.get("RAY_AUTH_MODE", "token")
    if mode == "token":
        yield Diagnosis("ray authentication", GOOD, "token")
    else:
        advice = "Whoever reaches Ray's ports can run code here: unset RAY_AUTH_MODE."
        yield Diagnosis("ray authentication", BAD, mode, advice)
    token = Path("~/.ray/auth_token").expanduser()
    if token.exists() and token.stat().st_mode & 0o077:
        problem = f"{token} can be read by others"
        yield Diagnosis("ray token", NOTE, problem, f"A search makes it private; now: chmod 600 {token}")
    for port, service in RAY_PORTS.items():
        if _listens(port):
            advice = "A search starts its own cluster and joins another only where its address is given."
            yield Diagnosis("ray port", NOTE, f"{port} is in use, as by {service}", advice)


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(0.5)
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _sandbox(python: str) -> Iterator[Diagnosis]:
    """Run the sandbox's self-test, then the canaries, language by language."""
    from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
    from astraios_ray.sandbox.choose import packages_here
    from astraios_ray.sandbox.languages.unit_tested import UNIT_TESTED

    code = SandboxUnavailable.exit_code
    try:
        sandbox = Bubblewrap(packages=packages_here(python))
        sandbox.check()
        facts = ", ".join(f"{name} {value}" for name, value in sandbox.describe().items() if name != "kind")
        yield Diagnosis("sandbox", GOOD, f"bubblewrap: {facts}")
        yield from _canaries(sandbox, "python", "sandbox: ")
        for language in ("c", "java", *UNIT_TESTED):
            yield from _language(sandbox, language)
    except (SandboxUnavailable, SandboxError) as error:
        yield Diagnosis("sandbox", BAD, str(error), "Nothing that runs programs can be evaluated here.", code)
    finally:
        close_jails()


def _language(sandbox: Sandbox, language: str) -> Iterator[Diagnosis]:
    """Check one language. A missing one is only a note, since few evaluators need it."""
    from astraios_ray.sandbox.self_test import check_language

    try:
        check_language(sandbox, language)
    except SandboxUnavailable as error:
        yield Diagnosis(
            f"sandbox, {language}", NOTE, str(error), f"Programs in {language} cannot be judged here."
        )
        return
    yield Diagnosis(f"sandbox, {language}", GOOD, "a right and a wrong program were told apart")
    yield from _canaries(sandbox, language, f"sandbox, {language}: ")


def _canaries(sandbox: Sandbox, language: str, prefix: str) -> Iterator[Diagnosis]:
    from astraios_ray.sandbox.bubblewrap import close_jails
    from astraios_ray.sandbox.canaries import CANARIES
    from astraios_ray.sandbox.planted import breaches

    close_jails()  # running jails did not inherit what the canaries look for; new ones do
    breached = breaches(sandbox, CANARIES[language])
    for canary in CANARIES[language]:
        safe = canary.name not in breached
        text = "a program is held" if safe else "A PROGRAM GOT THROUGH"
        advice = "" if safe else "Do not run programs of models on this machine."
        code = SandboxUnavailable.exit_code
        yield Diagnosis(f"{prefix}{canary.name}", GOOD if safe else BAD, text, advice, code)
