"""A headless Chromium, driven over the WebDriver protocol by the standard library alone."""

import base64
import json
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--disable-dev-shm-usage",
]


class CannotStart(Exception):
    """There is no browser here, or it does not start."""


class Browser:
    def __init__(self) -> None:
        driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
        if not driver or not chromium:
            raise CannotStart("chromium and chromium-driver are not installed")
        self._folder = tempfile.TemporaryDirectory(prefix="opented-pages-")
        self._log = open(pathlib.Path(self._folder.name) / "driver.log", "w+", encoding="utf-8")
        self._driver = subprocess.Popen([driver, "--port=0"], stdout=self._log, stderr=subprocess.STDOUT)
        self._session = ""
        try:
            self._base = f"http://127.0.0.1:{self._port()}"
            options = {"binary": chromium, "args": [*ARGUMENTS, f"--user-data-dir={self._folder.name}/profile"]}
            wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
            answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            self._session = f"/session/{answer['sessionId']}"
        except (CannotStart, OSError) as error:
            self.close()
            raise CannotStart(str(error)) from error

    def _port(self) -> int:
        for _ in range(200):
            text = pathlib.Path(self._log.name).read_text(encoding="utf-8")
            if "successfully on port " in text:
                return int(text.split("successfully on port ")[1].split(".")[0])
            if self._driver.poll() is not None:
                break
            time.sleep(0.05)
        raise CannotStart("chromedriver does not start")

    def _ask(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=50) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise CannotStart(json.load(error)["value"]["message"].splitlines()[0]) from error

    def devtools(self, command: str, **parameters):
        return self._ask("POST", f"{self._session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def show(self, page: pathlib.Path, width: int, height: int = 800, scheme: str = "light") -> None:
        """Opens it in a window of that size; what was logged of pages before is forgotten."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.log("browser"), self.log("performance")
        self._ask("POST", f"{self._session}/url", {"url": page.as_uri()})

    def run(self, script: str):
        """What the body of a function in the page returns."""
        return self._ask("POST", f"{self._session}/execute/sync", {"script": script, "args": []})

    def log(self, kind: str) -> list[dict]:
        return self._ask("POST", f"{self._session}/se/log", {"type": kind})

    def requested(self) -> list[str]:
        """Addresses that the page asked for, beside its own."""
        asked = []
        for entry in self.log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
        return asked

    def picture(self, file: pathlib.Path, grey: bool = False) -> None:
        """The whole page as PNG."""
        self.devtools("Emulation.setEmulatedVisionDeficiency", type="achromatopsia" if grey else "none")
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))
        self.devtools("Emulation.setEmulatedVisionDeficiency", type="none")

    def close(self) -> None:
        if self._session:
            try:
                self._ask("DELETE", self._session)
            except (CannotStart, OSError):
                pass
        self._driver.terminate()
        try:
            self._driver.wait(10)
        except subprocess.TimeoutExpired:
            self._driver.kill()
            self._driver.wait()
        self._log.close()
        self._folder.cleanup()
