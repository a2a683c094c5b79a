"""A Chromium without a window, spoken to through its DevTools protocol: no driver is needed."""

import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path

from websocket import create_connection

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# How long a page may take, and for how long nothing must change on it before it counts as drawn.
PATIENCE, STILL = 60.0, 0.8


class Browser(AbstractContextManager):
    """The process, with one page in it."""

    def __enter__(self) -> "Page":
        program = next(filter(None, map(shutil.which, NAMES)), None)
        if not program:
            raise SystemExit("No Chromium on this machine: no pictures can be taken.")
        self._folder = Path(tempfile.mkdtemp(prefix="screenshots-"))
        command = [program, "--headless=new", "--no-sandbox", "--hide-scrollbars", "--remote-debugging-port=0"]
        command += ["--remote-allow-origins=*", f"--user-data-dir={self._folder}", "about:blank"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return Page(self._find_page())

    def __exit__(self, *exception):
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _find_page(self) -> str:
        """Return the address at which the page listens."""
        port = wait_for(self._read_port, "Chromium didn't come up")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=10) as answer:
            pages = [target for target in json.load(answer) if target["type"] == "page"]
        return pages[0]["webSocketDebuggerUrl"]

    def _read_port(self):
        path = self._folder / "DevToolsActivePort"
        return path.read_text().split()[0] if path.exists() and path.stat().st_size else None


class Page:
    """One page: goes to addresses, clicks, and is pictured."""

    def __init__(self, address: str):
        self._socket = create_connection(address, timeout=PATIENCE)
        self._numbers = itertools.count(1)

    def call(self, method: str, **parameters):
        """Call a method of the protocol; return its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def evaluate(self, script: str):
        """Return the value of a JavaScript expression on the page; None while there is none."""
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def set_size(self, width: int, height: int, is_phone: bool) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=is_phone)

    def set_session(self, url: str, session: str) -> None:
        """Be the user who has this session."""
        self.call("Network.clearBrowserCookies")
        self.call("Network.setCookie", url=url, name="session_id", value=session)

    def go(self, url: str, wanted: str) -> None:
        """Go there; return once what the selector ``wanted`` names is drawn."""
        # Nothing of the page before must be taken for this one.
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        self.see(wanted)

    def click(self, selector: str, wanted: str) -> None:
        """Click on the first thing that ``selector`` names; return once ``wanted`` is drawn."""
        self.see(selector)
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")
        self.see(wanted)

    def scroll_to(self, selector: str) -> None:
        """Bring the first thing that ``selector`` names to the top, as far as the page goes."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView()")

    def see(self, selector: str) -> None:
        """Return once ``selector`` is there and the page keeps still."""
        wait_for(lambda: self.evaluate(f"!!document.querySelector({json.dumps(selector)})"), f"No {selector}")
        before, since = None, time.monotonic()
        end = since + PATIENCE
        while time.monotonic() < end and time.monotonic() - since < STILL:
            drawn = self.evaluate("document.body.innerHTML.length")
            if drawn != before:
                before, since = drawn, time.monotonic()
            time.sleep(0.1)

    def picture(self) -> bytes:
        """Return what is seen, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])


def wait_for(ask, complaint: str):
    """Return the first answer of ``ask`` that says something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.1)
    raise RuntimeError(f"{complaint} within {PATIENCE:.0f} seconds.")
