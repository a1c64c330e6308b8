"""What a search leaves behind: the run folder of a finished study; and results of peft in a file."""

from collections.abc import Mapping
from pathlib import Path

from astraios_ray.records import Provenance, Score, encode
from astraios_ray.search.eval_protocol import questions
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import FORMAT, Journal
from tests.fakes.studies import board, run_through, study

PEFT_TITLES = (
    "experiment,peft_type,num_trainable_params,test_accuracy,final_train_loss,memory_max_bytes,train_time_s,"
    "file_size_bytes,status"
)
PEFT_RESULTS = f"{PEFT_TITLES}\na,LORA,10,0.5,0.6,100,1.0,40,success\n"  # a CSV of one run


def finished(place: Path, shares: Mapping[str, float], seconds: float) -> Path:
    """The finished small study; ``shares`` says which share of every problem's samples a trial solved."""
    folder = StudyFolder(place)
    folder.adopt(study().resolved(), extend=False)
    journal = Journal(folder.journal)
    journal.write("session", format=FORMAT, at=0.0, provenance=encode(Provenance({}, "3.11", "a test")))
    journal.close()
    run_through(board(folder.place), 10_000)
    journal = Journal(folder.journal)
    question = questions(study().evaluate, study().search.seed)
    for trial, share in shares.items():
        solved = {f"p{n}": share for n in range(10)}
        score = Score("primer", {"pass_at_1": share}, {"pass_at_1": (0.1, 0.9)}, 10, 20, solved=solved)
        journal.write("scored", trial=trial, score=encode(score), asked=question)
    journal.write("done", seconds=seconds)
    journal.close()
    return folder.place
