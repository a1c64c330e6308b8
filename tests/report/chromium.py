"""A headless Chromium over the DevTools protocol, by a pipe: no driver, no port, no package."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Self

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # a container's root has no namespaces to give; only our own pages are opened
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
)
ABOVE = 10  # the first descriptor that is not one of the browser's own
LOUD = ("error", "warning", "assert")


class Chromium:
    """One page. ``complaints`` are its exceptions, refused requests and loud console messages so far."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM
        theirs, self._ours = _pipe()
        ours, its = _pipe()
        command = [PROGRAM, *FLAGS, f"--user-data-dir={folder}", "about:blank"]

        def connect() -> None:
            os.dup2(theirs, 3)  # where Chromium reads, and where it writes
            os.dup2(its, 4)

        self._process = subprocess.Popen(
            command,
            preexec_fn=connect,
            close_fds=False,  # else 3 and 4 as well; Python's own descriptors end at exec
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(its)
        self._answers = os.fdopen(ours, "rb")
        self._number, self._session, self._rest = 0, "", b""
        self.complaints: list[str] = []
        pages = self.ask("Target.getTargets")["targetInfos"]
        target = next(each["targetId"] for each in pages if each["type"] == "page")
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        os.close(self._ours)
        self._answers.close()

    def ask(self, method: str, **given: Any) -> Any:
        """Call a method of the protocol; its result. Raises RuntimeError where the browser refuses."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": given}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._ours, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._hear(answer)

    def open(self, address: str, patience: float = 60.0) -> None:
        """Go there and wait until it is loaded."""
        self.ask("Page.navigate", url=address)
        end = monotonic() + patience
        while self.value("document.readyState") != "complete":
            assert monotonic() < end, f"{address} was not loaded in {patience} s"
            sleep(0.05)

    def show(self, width: int, height: int = 900, *, dark: bool = False, paper: bool = False) -> None:
        """See the page that wide, in CSS pixels."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", media="print" if paper else "screen", features=[scheme])

    def value(self, expression: str) -> Any:
        """What a JavaScript expression is on the page."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return found["result"].get("value")

    def picture(self, *, whole: bool = False) -> bytes:
        """What is seen, or the whole page, as a PNG."""
        return base64.b64decode(
            self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        )

    def _next(self) -> Mapping[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._answers.fileno(), 1 << 16)
            assert more, "Chromium has ended"
            self._rest += more
        line, self._rest = self._rest.split(b"\0", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def _hear(self, event: Mapping[str, Any]) -> None:
        told = event.get("params", {})
        match event.get("method"):
            case "Runtime.consoleAPICalled" if told["type"] in LOUD:
                self.complaints.append(json.dumps(told["args"]))
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["exceptionDetails"]))
            case "Log.entryAdded" if told["entry"]["level"] in LOUD:
                self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")


def _pipe() -> tuple[int, int]:
    """Reading and writing end, with numbers that do not collide with the browser's 3 and 4."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, ABOVE) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]
