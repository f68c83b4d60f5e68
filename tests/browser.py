"""A real browser without a window, driven over two pipes by the DevTools protocol: no package, no port, no network.

with Browser() as browser:
    page = browser.open(path, width=390, dark=True)
    assert page.evaluate("document.title") == "..."
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
"""Where it is; None: not installed (apt-get install chromium)."""
_READ, _WRITE = 3, 4
"""The file descriptors at which the browser expects the pipes."""


class Page:
    """An opened page: what it said, what it asked for, what it computes."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self._browser, self._session = browser, session
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Returns what the browser answers."""
        return self._browser.command(method, self, self._session, **parameters)

    def evaluate(self, expression: str) -> Any:
        """Returns the value of an expression in the page."""
        answer = self.command("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def hear(self, event: dict[str, Any]) -> None:
        """Takes note of an event."""
        method, facts = event["method"], event["params"]
        if method == "Runtime.exceptionThrown":
            self.complaints.append(str(facts["exceptionDetails"]))
        elif method == "Log.entryAdded":
            self.complaints.append(facts["entry"]["text"])
        elif method == "Network.requestWillBeSent" and not facts["request"]["url"].startswith("data:"):
            self.requests.append(facts["request"]["url"])


class Browser:
    """One process; pages are opened one after the other."""

    def __init__(self) -> None:
        assert CHROMIUM is not None
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()

        options = ["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
                   "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND"]  # fmt: skip
        connected = f'exec "$@" {_READ}<&{to_browser} {_WRITE}>&{from_browser}'
        self._process = subprocess.Popen(
            ["bash", "-c", connected, "bash", CHROMIUM, *options],
            pass_fds=(to_browser, from_browser),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._buffer = 0, b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._write)
        os.close(self._read)
        self._process.terminate()
        self._process.wait(timeout=20)

    def open(self, path: Path, *, width: int, dark: bool = False) -> Page:
        """Returns a page that is loaded, as wide as asked, in a light or a dark scheme."""
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Runtime", "Log", "Network", "Page"):
            page.command(f"{domain}.enable")
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        page.command("Emulation.setEmulatedMedia", features=scheme)
        page.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        page.command("Page.navigate", url=path.resolve().as_uri())
        for _ in range(1000):
            if page.evaluate("document.readyState") == "complete":
                break
        return page

    def command(
        self, method: str, page: Page | None = None, session: str | None = None, **parameters: Any
    ) -> dict[str, Any]:
        """Returns what the browser answers; what it says meanwhile goes to the page."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        os.write(self._write, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            if page is not None and "method" in answer and answer.get("sessionId") == session:
                page.hear(answer)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._read, 1 << 16)
            assert part, "the browser has ended"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer
