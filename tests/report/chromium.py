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
        browser_input, self._commands = _pipe()
        output, browser_output = _pipe()
        command = [PROGRAM, *FLAGS, f"--user-data-dir={folder}", "about:blank"]

        def connect() -> None:
            os.dup2(browser_input, 3)  # where Chromium reads, and where it writes
            os.dup2(browser_output, 4)

        self._process = subprocess.Popen(
            command,
            preexec_fn=connect,
            close_fds=False,  # else 3 and 4 are closed too; Python's own descriptors end at exec
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(browser_input)
        os.close(browser_output)
        self._answers = os.fdopen(output, "rb")
        self._number, self._session, self._buffer = 0, "", b""
        self.complaints: list[str] = []
        pages = self.ask("Target.getTargets")["targetInfos"]
        target = next(page["targetId"] for page in pages if page["type"] == "page")
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        os.close(self._commands)
        self._answers.close()

    def ask(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol; its result. Raises RuntimeError where the browser refuses."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._hear(answer)

    def open(self, address: str, patience: float = 60.0) -> None:
        """Open an address and wait until it is loaded."""
        self.ask("Page.navigate", url=address)
        end = monotonic() + patience
        while self.value("document.readyState") != "complete":
            assert monotonic() < end, f"{address} was not loaded in {patience} s"
            sleep(0.05)

    def show(self, width: int, height: int = 900, *, dark: bool = False, paper: bool = False) -> None:
        """Set the size in CSS pixels, the colour scheme and the medium."""
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
        """The value of a JavaScript expression on the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    def picture(self, *, full_page: bool = False) -> bytes:
        """A PNG of the visible part, or of the full page."""
        return base64.b64decode(
            self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=full_page)["data"]
        )

    def _next(self) -> Mapping[str, Any]:
        while b"\0" not in self._buffer:
            chunk = os.read(self._answers.fileno(), 1 << 16)
            assert chunk, "Chromium has ended"
            self._buffer += chunk
        line, self._buffer = self._buffer.split(b"\0", 1)
        message: dict[str, Any] = json.loads(line)
        return message

    def _hear(self, event: Mapping[str, Any]) -> None:
        details = event.get("params", {})
        match event.get("method"):
            case "Runtime.consoleAPICalled" if details["type"] in LOUD:
                self.complaints.append(json.dumps(details["args"]))
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(details["exceptionDetails"]))
            case "Log.entryAdded" if details["entry"]["level"] in LOUD:
                self.complaints.append(f"{details['entry']['text']} {details['entry'].get('url', '')}")


def _pipe() -> tuple[int, int]:
    """Reading and writing end, with numbers that do not collide with the browser's 3 and 4."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, ABOVE) for end in ends]
    for end in ends:
        os.close(end)
    return high[0], high[1]
