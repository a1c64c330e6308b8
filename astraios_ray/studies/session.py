"""One session of a search: checks the study, makes its parts, runs them, and closes them all."""

from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

import torch

from astraios_ray.config.study import StudyConfig
from astraios_ray.data.overlap import overlap
from astraios_ray.data.row_reader import read_source
from astraios_ray.data.rows import Row
from astraios_ray.data.templates import front_in, refuse_rows
from astraios_ray.disk_room import with_room
from astraios_ray.displays.display import Display
from astraios_ray.errors import Interrupted, NothingRanked
from astraios_ray.evaluation.by_region import scenario
from astraios_ray.evaluation.contamination import texts_to_compare
from astraios_ray.evaluation.loading import read_problems
from astraios_ray.methods import builder_beside, hyperparameters_of
from astraios_ray.models.load_base import BUILTIN
from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.note import note
from astraios_ray.report.sections.collect import sections
from astraios_ray.report.write import write_report
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.search.backend import Backend
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.grace import with_grace
from astraios_ray.search.progress import Progress
from astraios_ray.search.tuner import Tuner
from astraios_ray.space.space import build_space
from astraios_ray.studies.count_steps import with_steps
from astraios_ray.studies.ending_signals import STOPPED, heed_ending_signals
from astraios_ray.studies.environment import tracking_uri
from astraios_ray.studies.masked_study import masked_study
from astraios_ray.studies.memory_estimate import model_without_weights
from astraios_ray.studies.method_check import check_methods
from astraios_ray.studies.model_dtype import with_dtype
from astraios_ray.studies.parent_pipe import PARENT
from astraios_ray.studies.provenance import provenance
from astraios_ray.studies.ray_output import PrintingDisplay, output_of_ray_in
from astraios_ray.studies.recorded_values import recorded_sections, with_recorded_values
from astraios_ray.studies.seq2seq_data import with_pairs
from astraios_ray.studies.study_sandbox import study_sandbox
from astraios_ray.studies.study_template import template_of, tokenizer_of, unused_chat_template
from astraios_ray.studies.token_check import check_tokens
from astraios_ray.studies.tokenise_rows import tokenise_rows
from astraios_ray.tracking.addresses import run_addresses
from astraios_ray.tracking.files_tracker import FilesTracker
from astraios_ray.training.pretrain import builtin_model
from astraios_ray.training.runtime import SingleProcess
from astraios_ray.trial.contents import contents_of_model, contents_of_study

TOKENISING = "tokenising rows"


class Session:
    """A study being run. Entering checks and opens everything; leaving saves and closes it all."""

    def __init__(
        self,
        study: StudyConfig,
        file: Path,
        display: Display,
        *,
        backend: str = "ray",
        address: str | None = None,
        fresh: bool = False,
        extend: bool = False,
        kind: str = "bubblewrap",
        consent: str | None = None,
    ) -> None:
        place = Path(study.output) / study.name
        recorded = {} if fresh else recorded_sections(place)
        self._study = with_dtype(with_recorded_values(study, recorded), recorded)
        self._file, self._display = file, PrintingDisplay(display)
        self._backend_name, self._address, self._fresh, self._extend = backend, address, fresh, extend
        self._programs = study_sandbox(study, kind, consent)
        self._started = monotonic()
        self._links: dict[str, str] = {}
        self._tuner: Tuner
        self.record: StudyRecord | None = None

    def __enter__(self) -> Self:
        heed_ending_signals()
        with ExitStack() as stack:
            self._enter(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if self.record is None:
                self._report()
        if kind is KeyboardInterrupt:
            raise Interrupted(STOPPED) from None

    def run(self) -> None:
        """Train, evaluate, and write the report. What Ray prints goes to ``ray.log`` in the run folder.

        A search without Ray prints nothing, so all output of the program stays where it is.
        """
        self._say("setup", "starting lanes")
        if self._backend_name == "ray":
            self._backend_stack.enter_context(output_of_ray_in(self._folder.place / "ray.log"))
        backend = self._backend()
        self._backend_stack.callback(backend.close)
        heed_ending_signals()  # again, since Ray has set its own handlers
        self._links = {**self._links, **backend.links}
        for title, address in backend.links.items():
            self._display.note(f"{title}: {address}")
        if self._study.model.id.startswith(BUILTIN):  # trained here while the lanes start
            builtin_model(self._study.model.id.removeprefix(BUILTIN), self._show_setup)
        if not self._address:  # a joined cluster may have its lanes elsewhere; each machine makes its own
            tokenise_rows(self._study, self._tokenizer, partial(self._show_setup, words=TOKENISING))
        if "model" not in self._folder.contents:
            self._folder.note({"model": contents_of_model(self._study.model.ref())})
        self._tuner.run(backend)
        backend.dismiss()  # lanes end while the report is written
        self._report()
        self._refuse_unranked()

    def _enter(self, stack: ExitStack) -> None:
        stack.callback(self._display.close)
        self._check_address()
        counted = with_steps(with_pairs(self._study), partial(self._show_setup, words=TOKENISING))
        self._study = study = with_grace(counted)
        self._space = build_space(study, hyperparameters_of, builder_beside(study.model.quantization))
        # a mistake in the target modules is told here, once, and not by every lane
        model = model_without_weights(study)
        check_methods(study, self._space, model)
        self._tokenizer = tokenizer_of(study)
        self._template = template_of(study, self._tokenizer)
        self._sandbox = self._checked_sandbox(study)
        self._contents = self._checked_data(study)
        check_tokens(study, model)
        self._folder = self._opened_folder(study, stack)
        self._backend_stack = stack.enter_context(
            ExitStack()
        )  # closed after tracker and journal, since Ray may end the process
        self._tracker = self._make_tracker(study)
        stack.callback(self._tracker.close)
        self._links = self._tracking_links()
        self._tuner = Tuner(
            study,
            self._space,
            folder=self._folder,
            tracker=self._tracker,
            show=self._display.update,
            provenance=provenance(),
            front=front_in(self._template, self._tokenizer) if self._tokenizer else [],
        )
        stack.callback(self._tuner.close)

    def _check_address(self) -> None:
        if self._address:
            from astraios_ray.on_ray.cluster_address import check_address

            check_address(self._address)

    def _report(self) -> None:
        """Write the report of all that is known, also of a study that was stopped."""
        uri = tracking_uri(self._study.tracking.uri) if self._study.tracking.mlflow else None
        record = self._tuner.record(self._links)
        self.record = replace(record, runs=run_addresses(self._folder.place, uri))
        files = with_room(self._folder.place, partial(write_report, self.record, self._folder.place))
        self._tracker.study_ended(
            note(self.record, sections(leaderboard(self.record))), files, self.record.complete
        )

    def _refuse_unranked(self) -> None:
        """Raise NothingRanked when every trial failed or diverged."""
        assert self.record
        results = self.record.results
        if any(result.rankable for result in results):
            return
        first = f"; the first, {results[0].spec.id}: {results[0].reason}" if results else ""
        raise NothingRanked(
            f"None of {len(results)} trials can be ranked: all failed or diverged{first}. "
            f"All reasons: {self._folder.place / 'leaderboard.md'}"
        )

    def _opened_folder(self, study: StudyConfig, stack: ExitStack) -> StudyFolder:
        folder = StudyFolder(Path(study.output) / study.name)
        folder.hold()
        stack.callback(folder.free)
        backup = folder.set_aside() if self._fresh else None
        PARENT.tell(folder_is_fresh=True)
        if backup:
            self._display.note(f"The study that was in {folder.place} is now in {backup}.")
        folder.adopt(study.resolved(), self._contents_to_compare(folder), extend=self._extend)
        (folder.place / "study.yaml").write_text(masked_study(self._file.read_text()))
        return folder

    def _contents_to_compare(self, folder: StudyFolder) -> dict[str, Any]:
        """The contents, with the model's where a study goes on; a new one notes it when its lanes start."""
        if not folder.journal.exists():
            return self._contents
        if not folder.contents:
            self._display.note(
                f"{folder.place} is of a version that noted no contents of model, rows and evaluators: "
                "whether they changed before now cannot be compared."
            )
        return {**self._contents, "model": contents_of_model(self._study.model.ref())}

    def _checked_sandbox(self, study: StudyConfig) -> Sandbox | None:
        if not study.evaluate.tasks or study.evaluate.which == "none":
            return None
        if self._address is None:  # a joined cluster checks the sandbox where it judges programs
            self._programs.check()
        return self._programs

    def _checked_data(self, study: StudyConfig) -> dict[str, Any]:
        """Read all rows and problems before anything starts, and note the rows that share text with problems.

        Returns the contents of both, by the study's sections.
        """
        rows = self._checked_rows(study)
        problems_by_task = {task: list(read_problems(task).values()) for task in study.evaluate.tasks}
        problems = {
            f"{task} {name}": text
            for task in problems_by_task
            for name, text in texts_to_compare(problems_by_task[task]).items()
        }
        for task in study.evaluate.tasks:
            sides = scenario(task, study.data_ref())
            if sides:
                self._display.note(
                    f"{task}: {len(sides.inside)} problems lie in the region, {sides.boundaries}"
                )
        shared = overlap(rows, problems)
        if shared:
            self._display.note(
                f"{len({hit.row for hit in shared})} of {len(rows)} training rows share text with problems "
                f"that judge the models; first {shared[0].row} with {shared[0].problem}: {shared[0].words!r}."
            )
        return contents_of_study(study, rows, problems_by_task)

    def _checked_rows(self, study: StudyConfig) -> list[Row]:
        """The training rows, which the template can write; says what of them is not used."""
        ref = study.data.ref()
        sources, validation = (
            [read_source(source, ref) for source in part] for part in (ref.sources, ref.validation_sources)
        )
        rows = [row for source in sources for row in source.rows]
        refuse_rows(self._template, [*rows, *(row for source in validation for row in source.rows)])
        unused = unused_chat_template(study, self._tokenizer)
        for words in filter(None, (unused, *(source.note for source in sources))):
            self._display.note(words)
        return rows

    def _make_tracker(self, study: StudyConfig) -> FilesTracker:
        if not study.tracking.mlflow:
            return FilesTracker(self._folder.place)
        from astraios_ray.tracking.mlflow_tracker import MlflowTracker

        return MlflowTracker(self._folder.place, tracking_uri(study.tracking.uri))

    def _backend(self) -> Backend:
        if self._backend_name == "local":
            from astraios_ray.search.local_backend import LocalBackend

            slots, tokens = self._study.lanes.slots, self._study.lanes.pack_tokens
            return LocalBackend(
                self._folder.trials,
                slots=1 if slots == "auto" else slots,
                sandbox=self._sandbox,
                runtime=SingleProcess(self._device()),
                pack_tokens=None if tokens == "auto" else tokens,
            )
        from astraios_ray.on_ray.connect import open_ray

        return open_ray(self._study, self._folder.place, address=self._address, sandbox=self._sandbox)

    def _tracking_links(self) -> dict[str, str]:
        uri = getattr(self._tracker, "uri", None)
        if uri is None:
            return {}
        served = uri.startswith(("http://", "https://"))
        return {"Look at every trial in MLflow": uri if served else f"mlflow ui --backend-store-uri {uri}"}

    def _show_setup(self, share: float, words: str) -> None:
        self._say("setup", f"{words} {share:.0%}", share)

    def _device(self) -> str:
        """Where a search without Ray trains."""
        return "cuda:0" if torch.cuda.is_available() and self._study.lanes.gpus != 0 else "cpu"

    def _say(self, phase: str, words: str = "", share: float | None = None) -> None:
        self._display.update(Progress(phase, rung=words, seconds=monotonic() - self._started, share=share))
