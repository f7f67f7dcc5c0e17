"""The site is opened in a browser that reaches no network."""

import json
import re
import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest

from ganinv_keras.course import site

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
ROOT = Path(__file__).resolve().parents[3]
VISIBLE = """(() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = []
    while (walk.nextNode())
        if (!walk.currentNode.parentElement.closest("pre, code, script, style, mjx-container"))
            texts.push(walk.currentNode.data)
    return texts.join("")
})()"""
pytestmark = pytest.mark.filterwarnings("ignore:.*Sphinx API modifications")  # of MyST-Parser


class Browser:
    """Chromium without a window or a network, told what to do over its debugging protocol."""

    def __init__(self, profile):
        import websocket

        command = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-port=0", f"--user-data-dir={profile}",
                   "about:blank"]  # fmt: skip
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        address = next(filter(None, (re.search(r"ws://\S+", line) for line in self.process.stderr)))[0]
        self.socket = websocket.create_connection(address, timeout=60, suppress_origin=True)
        self.number, self.events, self.session = 0, [], {}
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = {"sessionId": self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters} | self.session))
        while (answer := json.loads(self.socket.recv())).get("id") != self.number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def run(self, code):
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, path):
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while self.run("location.protocol + document.readyState") != "file:complete":
            time.sleep(0.02)
        self.run("window.MathJax?.startup.promise.then(() => 1)")

    def complaints(self):
        """Return the requests that left, files that were missing, and errors of the page that is open."""
        told = []
        for event in self.events:
            method, about = event.get("method"), event.get("params", {})
            if method == "Network.requestWillBeSent" and not about["request"]["url"].startswith(("file:", "data:")):
                told.append(about["request"]["url"])
            if method in ("Network.loadingFailed", "Runtime.exceptionThrown"):
                told.append(about)
            if method == "Log.entryAdded" and about["entry"]["level"] == "error":
                told.append(about["entry"])
            if method == "Runtime.consoleAPICalled" and about["type"] == "error":
                told.append(about["args"])
        return told


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if BROWSER is None or find_spec("websocket") is None:
        pytest.skip("no Chromium (apt-get install chromium), or no websocket-client, which comes with JupyterLab")
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.socket.close()
    browser.process.kill()
    browser.process.wait()


def check_pages(browser, folder):
    """Open every page of a site, and return how many formulas and pictures it shows."""
    seen = {}
    for page in sorted(folder.rglob("*.html")):
        browser.open(page)
        assert browser.complaints() == [], page
        assert not re.search(r"\\[a-zA-Z(\[]|\$[^$]+\$", browser.run(VISIBLE)), page
        assert browser.run("document.querySelectorAll('[data-mjx-error]').length") == 0, page
        assert browser.run("document.documentElement.scrollWidth <= innerWidth"), page
        pictures = browser.run("[...document.images].map(image => [image.alt, image.complete && image.naturalWidth])")
        assert all(alt and width for alt, width in pictures), page
        formulas = browser.run("document.querySelectorAll('mjx-container:not(.aria-status *)').length")
        seen[page.relative_to(folder).as_posix()] = (formulas, len(pictures))
    return seen


def test_a_browser_shows_formulas_and_films_and_asks_no_host(built, browser):
    seen = check_pages(browser, built)
    assert seen["notebooks/00_first.html"] == (5, 4)
    assert seen["index.html"] == (1, 1)
    assert seen["slides/00_first.html"][0] == 5


def test_films_move(built, browser):
    browser.open(built / "index.html")
    box = browser.run("document.images[0].getBoundingClientRect().toJSON()")
    clip = {name: box[name] for name in ("x", "y", "width", "height")} | {"scale": 1}
    deadline, stills = time.monotonic() + 20, set()
    while len(stills) < 2 and time.monotonic() < deadline:
        stills.add(browser.call("Page.captureScreenshot", clip=clip)["data"])
        time.sleep(0.07)
    assert len(stills) == 2

    browser.open(built / "notebooks/00_first.html")
    frame = "document.querySelector('.animation img').src"
    first = browser.run(frame)
    browser.run("document.querySelector('.anim-buttons [title=\"Next frame\"]').click()")
    assert browser.run(frame) != first


def test_search_finds_a_page_from_a_folder(built, browser):
    browser.open(built / "search.html")
    browser.call("Page.navigate", url=(built / "search.html").as_uri() + "?q=Forty-two")
    deadline = time.monotonic() + 20
    while "answers" not in (found := browser.run("document.querySelector('#search-results')?.innerText ?? ''")):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


@pytest.mark.slow
def test_the_course_itself(browser, tmp_path):
    seen = check_pages(browser, site.build(tmp_path / "site", ROOT, slides=True).parent)
    for path in (ROOT / "notebooks").glob("[!.]*.ipynb"):
        prose = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
        without_code = re.sub(r"```.*?```|`[^`]*`", "", "\n".join(prose), flags=re.DOTALL)
        written = re.findall(r"\$\$.+?\$\$|\$[^$]+\$", without_code, re.DOTALL)
        assert seen[f"notebooks/{path.stem}.html"][0] > len(written), "and some more in its table of symbols"
