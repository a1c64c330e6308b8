"""What a user sees while a study runs."""

import io
import json
from dataclasses import replace
from math import inf

import pytest
from rich.console import Console

from astraios_ray.displays.choose_display import choose
from astraios_ray.displays.display import Display
from astraios_ray.displays.line_displays import JsonDisplay, PlainDisplay, QuietDisplay
from astraios_ray.displays.live_panel import RichDisplay, panel
from astraios_ray.search.progress import Progress

SEARCH = Progress(
    "search",
    planned=28,
    running=3,
    paused=2,
    ended={"complete": 4, "stopped": 5, "diverged": 1},
    rung="step 20: waits for 3 of 9 trials",
    best="lora-r8-lr1e-3-t0007, loss 0.8123",
    lanes=2,
    scored=1,
    to_score=10,
    seconds=65.0,
    eta_seconds=185.0,
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def lines(stream: io.StringIO) -> list[str]:
    return stream.getvalue().splitlines()


def test_a_pipe_gets_plain_lines_and_a_terminal_a_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = choose(False, False, Terminal())
    terminal.close()
    assert isinstance(terminal, RichDisplay)
    assert isinstance(choose(False, False, io.StringIO()), PlainDisplay)


def test_a_terminal_that_cannot_redraw_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(choose(False, False, Terminal()), PlainDisplay)


def test_forced_colour_does_not_make_a_pipe_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(choose(False, False, io.StringIO()), PlainDisplay)


def test_quiet_wins_over_json() -> None:
    assert isinstance(choose(True, True, Terminal()), QuietDisplay)
    assert isinstance(choose(False, True, Terminal()), JsonDisplay)


def test_a_plain_line_says_everything() -> None:
    stream = io.StringIO()
    PlainDisplay(stream).update(SEARCH)
    assert lines(stream) == [
        "search | 10/28 trials | 4 complete, 5 stopped, 1 diverged, 3 running, 2 paused"
        " | step 20: waits for 3 of 9 trials | best lora-r8-lr1e-3-t0007, loss 0.8123"
        " | scored 1/10 | 2 lanes | 1:05 elapsed | about 3:05 left"
    ]


def test_passing_time_alone_is_no_plain_line() -> None:
    stream, clock = io.StringIO(), Clock()
    display = PlainDisplay(stream, clock)
    display.update(SEARCH)
    clock.now += 60
    display.update(replace(SEARCH, seconds=125.0, eta_seconds=100.0))
    display.close()
    assert len(lines(stream)) == 1


def test_plain_lines_come_at_most_every_two_seconds() -> None:
    stream, clock = io.StringIO(), Clock()
    display = PlainDisplay(stream, clock)
    for number in range(40):
        display.update(replace(SEARCH, running=number))
        clock.now += 0.1
    assert len(lines(stream)) == 2


def test_a_new_phase_is_a_plain_line_at_once() -> None:
    stream = io.StringIO()
    display = PlainDisplay(stream, Clock())
    for phase in ("setup", "search", "evaluate"):
        display.update(replace(SEARCH, phase=phase))
    assert [line.split(" | ")[0] for line in lines(stream)] == ["setup", "search", "evaluate"]


def test_the_last_change_is_not_lost() -> None:
    stream = io.StringIO()
    display = PlainDisplay(stream, Clock())
    display.update(SEARCH)
    display.update(replace(SEARCH, running=0))
    assert len(lines(stream)) == 1
    display.close()
    display.close()
    assert len(lines(stream)) == 2 and "running" not in lines(stream)[1]


@pytest.mark.parametrize("make", [PlainDisplay, RichDisplay])
def test_foreign_text_cannot_steer_the_terminal(make: type[PlainDisplay] | type[RichDisplay]) -> None:
    stream = io.StringIO()
    display: Display = make(stream)
    display.note("reason: \x1b[31mred\x1b]0;title\x07 \x9b2J[bold]kept[/bold]")
    display.update(replace(SEARCH, best="\x1b[2Jbest\r"))
    display.close()
    assert (
        "\x1b" not in stream.getvalue() and "\r" not in stream.getvalue() and "\x9b" not in stream.getvalue()
    )
    assert "reason: red 2J[bold]kept[/bold]" in stream.getvalue()


def test_json_lines_can_be_read_back() -> None:
    stream = io.StringIO()
    display = JsonDisplay(stream)
    display.update(replace(SEARCH, eta_seconds=inf))
    display.update(replace(SEARCH, seconds=70.0))
    display.note("a\nnote")
    display.close()
    progress, note = map(json.loads, lines(stream))
    assert progress["event"] == "progress" and progress["ended"]["stopped"] == 5
    assert progress["eta_seconds"] is None
    assert note == {"event": "note", "text": "a\nnote"}


def test_the_quiet_display_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    display = QuietDisplay()
    display.update(SEARCH)
    display.note("x")
    display.close()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("width", [20, 44, 100])
def test_the_panel_fits_any_terminal(width: int) -> None:
    from rich.console import Console

    stream = io.StringIO()
    Console(file=stream, width=width).print(panel(SEARCH, width))
    assert max(map(len, lines(stream))) <= width


def test_the_panel_shows_trials_rung_best_lanes_scores_and_time() -> None:
    stream = io.StringIO()
    display = RichDisplay(stream)
    display.update(SEARCH)
    display.close()
    display.close()
    output = stream.getvalue()
    for words in (
        "astraios-ray: search",
        "10/28 ended",
        "4 complete, 5 stopped, 1 diverged, 3 running, 2 paused",
        "step 20: waits for 3 of 9 trials",
        "lora-r8-lr1e-3-t0007, loss 0.8123",
        "1 of 10 models",
        "2 alive",
        "1:05 elapsed, about 3:05 left",
    ):
        assert words in output


def test_a_lane_that_makes_no_step_is_named_in_every_display() -> None:
    progress = replace(SEARCH, stopped_lanes="lane 1: no step for 75 s")
    plain, events, console = io.StringIO(), io.StringIO(), Console(file=io.StringIO(), width=100)
    PlainDisplay(plain).update(progress)
    JsonDisplay(events).update(progress)
    console.print(panel(progress, 100))
    assert " | 2 lanes | lane 1: no step for 75 s | 1:05 elapsed" in plain.getvalue()
    assert json.loads(events.getvalue())["stopped_lanes"] == "lane 1: no step for 75 s"
    assert "lane 1: no step for 75 s" in console.file.getvalue()  # type: ignore[attr-defined]


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    display = choose(False, False, stream)
    display.update(SEARCH)
    display.close()
    assert "10/28 ended" in stream.getvalue()
    assert "\x1b[32m" not in stream.getvalue() and "\x1b[1;32m" not in stream.getvalue()


def test_a_note_stands_above_the_panel() -> None:
    stream = io.StringIO()
    display = RichDisplay(stream)
    display.update(SEARCH)
    display.note("t0012 diverged")
    display.close()
    assert stream.getvalue().index("t0012 diverged") < stream.getvalue().index("10/28 ended")


def test_a_snapshot_of_nothing_is_shown_too() -> None:
    stream = io.StringIO()
    PlainDisplay(stream).update(Progress("setup"))
    assert lines(stream) == ["setup | 0:00 elapsed"]


@pytest.mark.parametrize(("share", "bar"), [(None, ""), (0.0, "─" * 40), (0.25, "━" * 10 + "─" * 30)])
def test_a_long_step_of_the_setup_has_a_bar(share: float | None, bar: str) -> None:
    stream = io.StringIO()
    Console(file=stream, width=100).print(panel(Progress("setup", rung="tokenising rows", share=share), 100))
    drawn = "".join(sign for line in lines(stream)[1:-1] for sign in line if sign in "━─")
    assert drawn == bar
