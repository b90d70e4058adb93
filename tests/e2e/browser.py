"""A real browser, Chromium without a window, spoken to by its DevTools protocol over a WebSocket (RFC 6455)."""

import base64
import http.client
import json
import os
import re
import socket
import struct

from world import Failure, check, program, wait_for

# As Chromium with a window calls itself; without one it says that it has none.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
_KEYS = {"Tab": (9, ""), "Enter": (13, "\r")}


class Browser:
    """All names lead to 127.0.0.1, certificates are not looked at, and nothing is asked of the world."""

    def __init__(self, world, language="en"):
        profile = world.path("chromium")
        # the sandbox wants another user than root
        self.process = world.start("chromium", [
            program("chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable", "--ignore-certificate-errors",
            "--host-resolver-rules=MAP * 127.0.0.1", "--user-agent=" + AGENT, "--accept-lang=" + language,
            "--window-size=1000,700", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank",
        ], env={"HOME": world.directory})
        told = os.path.join(profile, "DevToolsActivePort")
        wait_for("chromium listens", lambda: self._alive() and os.path.exists(told) and self._port(told), 40)
        self.port = self._port(told)

    def _alive(self):
        check(self.process.running(), "chromium did not start", self.process.tail())
        return True

    @staticmethod
    def _port(path):
        with open(path, encoding="ascii") as f:
            found = re.match(r"(\d+)\n", f.read())
        return int(found.group(1)) if found else None

    def ask(self, path, method="GET"):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        c.request(method, path)
        data = c.getresponse().read()
        c.close()
        return json.loads(data) if data.startswith((b"[", b"{")) else data

    def tabs(self):
        """{id: URL}"""
        return {t["id"]: t["url"] for t in self.ask("/json/list") if t["type"] == "page"}

    def open(self, url):
        tab = Tab(self, self.ask("/json/new?about:blank", "PUT")["id"])
        tab.go(url)
        return tab


class Tab:
    def __init__(self, browser, name):
        self.browser, self.name = browser, name
        self.serial = 0
        self.socket = socket.create_connection(("127.0.0.1", browser.port), 30)
        self.reader = self.socket.makefile("rb")
        self.socket.sendall(("GET /devtools/page/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n"
                             % (name, base64.b64encode(os.urandom(16)).decode())).encode())
        first = self.reader.readline()
        check(b" 101 " in first, "chromium takes a WebSocket", first)
        while self.reader.readline() != b"\r\n":
            pass

    def _frame(self):
        """One frame's payload; frames of a message that is cut are put together."""
        data, last = b"", False
        while not last:
            first, second = self.reader.read(2)
            size = second & 127
            if size > 125:
                size = struct.unpack(">H" if size == 126 else ">Q", self.reader.read(2 if size == 126 else 8))[0]
            payload = self.reader.read(size)
            if first & 15 <= 2:  # no ping, no close
                data, last = data + payload, bool(first & 128)
        return data

    def __call__(self, method, **parameters):
        """A command, and what it results in; events that come meanwhile are left out."""
        self.serial += 1
        data = json.dumps({"id": self.serial, "method": method, "params": parameters}).encode()
        size = struct.pack(">BH", 128 | 126, len(data)) if len(data) < 65536 else struct.pack(">BQ", 128 | 127, len(data))
        # a mask of zeros is one
        self.socket.sendall(b"\x81" + size + bytes(4) + data)
        while True:
            said = json.loads(self._frame())
            if said.get("id") == self.serial:
                check("error" not in said, method, said)
                return said["result"]

    def evaluate(self, expression):
        said = self("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        check("exceptionDetails" not in said, expression, said)
        return said["result"].get("value")

    def go(self, url):
        said = self("Page.navigate", url=url)
        check("errorText" not in said, "chromium opens " + url[:200], said)
        self("Page.bringToFront")
        # with its images
        self.wait("the page is loaded", "document.readyState == 'complete' && location.href != 'about:blank'")

    def wait(self, what, expression):
        """Until that is true; between two pages there is nothing to ask."""
        def true():
            try:
                return self.evaluate(expression)
            except Failure:
                return False

        wait_for(what, true, 20)

    def click(self, selector):
        """With the mouse, on the middle of the element's first box."""
        x, y = self.evaluate("(() => { const e = document.querySelector(%s); e.scrollIntoView({block: 'center'});"
                             "const b = e.getClientRects()[0]; return [b.x + b.width / 2, b.y + b.height / 2] })()"
                             % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            self("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key):
        code, text = _KEYS[key]
        self("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, text=text)
        self("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def screenshot(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        self.browser.ask("/json/close/" + self.name)
        self.socket.close()
