"""Two processes that train one trial together over gloo, and the results of each."""

import json
import os
import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from torch import distributed
from torch.multiprocessing.spawn import start_processes

from astraios_ray.data.tokenise import Blocks
from astraios_ray.records import TrainTask, TrialSpec
from astraios_ray.training.multi_trainer import MultiTrialTrainer
from astraios_ray.training.runtime import Runtime, SingleProcess, WorkerGroup
from astraios_ray.training.trial_trainer import TrialTrainer
from tests.training.trials import few_blocks, losses, models, rows, tiny_base, trial

STEPS = 4
CASES = {  # name -> trial, rows to validate on
    "even": (trial("adapter_p", batch_size=4), 6),
    "uneven": (trial("parallel", batch_size=5), 7),
    "fewer rows than workers": (trial("ia3", batch_size=1), 1),
    "full": (trial("full", batch_size=3, micro_batch_size=1), 3),
    "p_tuning": (trial("p_tuning", batch_size=4), 6),
}


def results(
    spec: TrialSpec, validation: int, runtime: Runtime
) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Losses of a few steps, the validation loss, and the learnt parameters."""
    blocks = Blocks(rows(20, seed=1), few_blocks(validation=validation).validation)
    trainer = TrialTrainer(tiny_base("Llama"), blocks, spec, runtime)
    numbers = {"steps": [trainer.step() for _ in range(STEPS)], "validation": trainer.validate()}
    return numbers, {name: p.detach().clone() for name, p in trainer.tuned.trainable().items()}


def on_one() -> dict[str, Any]:
    """The results of every case in this process alone."""
    return {name: results(*case, SingleProcess()) for name, case in CASES.items()}


def on_two(folder: Path) -> list[dict[str, Any]]:
    """The results of every case in two processes, by process."""
    start_processes(_work, args=(_free_port(), str(folder)), nprocs=2)  # type: ignore[no-untyped-call]  # torch leaves it without types
    return [
        json.loads((folder / f"{rank}.json").read_text())
        | {"tensors": torch.load(folder / f"{rank}.pt", weights_only=True)}
        for rank in range(2)
    ]


def _work(rank: int, port: int, folder: str) -> None:
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    runtime = WorkerGroup("cpu", rank, 2)
    results_by_case = {name: results(*case, runtime) for name, case in CASES.items()}
    about = {
        "cases": {name: numbers for name, (numbers, _) in results_by_case.items()},
        "total": runtime.total([1.0 + rank, 0.25]),
        "agreed": runtime.agree(f"what {rank} says"),
        "whole": _points(Path(folder) / "whole", runtime, (8,)),
        "resumed": _points(Path(folder) / "resumed", runtime, (4, 8)),
    }
    torch.save({name: tensors for name, (_, tensors) in results_by_case.items()}, f"{folder}/{rank}.pt")
    Path(folder, f"{rank}.json").write_text(json.dumps(about))
    distributed.destroy_process_group()


def _points(folder: Path, runtime: Runtime, stops: tuple[int, ...]) -> list[Any]:
    """The points of a trial with dropout whose TrainTasks end at ``stops``, each on its own trainer."""
    spec, checkpoint, points = trial("lora"), None, list[Any]()
    for until in stops:
        trainer = MultiTrialTrainer(models(), folder, runtime)
        trainer.start(TrainTask(spec, until, checkpoint))
        while not (reports := trainer.turn()):
            pass
        distributed.barrier()  # the first worker has written the checkpoint
        checkpoint = reports[0].checkpoint
        points += losses(reports[0])
    return points


def _free_port() -> int:
    with closing(socket.socket()) as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
