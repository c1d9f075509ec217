"""`page.first` and `page.list.p95`: what a browser waits for, with a national pool behind.

The list is asked as the page asks it, from inside the page, over searches that find many,
few and none; the time ends when the answer is read.
"""

import os
import socket
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Page

from bench.browser import chromium
from bench.national import nation
from bench.row import RUNS, Row, say

PATIENCE: Final = 180
SEARCHES: Final = (
    "page=1", "page=7", "page=2000", "region=310000", "region=310000&page=40", "code=A0408",
    "code=A0408&region=440000", "code=B", "text=ex_00000000000000000054", "text=设计院00123",
    "text=nobody", "code=A0408&text=设计院",
)  # fmt: skip
ASK: Final = """async ([query, token]) => {
  const start = performance.now()
  const headers = { Authorization: `Bearer ${token}` }
  const answer = await fetch('/api/pool/experts?' + query, { headers })
  const read = await answer.json()
  if (!answer.ok) throw new Error(JSON.stringify(read).slice(0, 200))
  return performance.now() - start
}"""


def bench() -> list[Row]:
    """Seconds to the first painted page, and the 95th percentile of the list in ms."""
    home = nation().home
    with _service(str(home)) as address, chromium() as browser:
        firsts = []
        for _ in range(RUNS):
            context = browser.new_context()
            page = context.new_page()
            start = time.perf_counter()
            page.goto(address, wait_until="commit")
            page.locator("main, h1").first.wait_for()
            firsts.append(time.perf_counter() - start)
            context.close()
        page = browser.new_page()
        page.goto(address)
        token = _sign_in(page)
        times = [page.evaluate(ASK, [query, token]) for _ in range(3) for query in SEARCHES]
    p95 = statistics.quantiles(times, n=20)[-1]
    note = f"{len(times)} requests, median {statistics.median(times):.0f} ms"
    return [
        Row("page.first", round(statistics.median(firsts), 2), "s", "<= 1.5", "cold cache"),
        Row("page.list.p95", round(p95), "ms", "<= 300", note),
    ]


def _sign_in(page: Page) -> str:
    """The token of a tab that has stepped in as the pool's manager."""
    token: str = page.evaluate(
        """async () => {
          const known = await (await fetch('/api/demo/accounts')).json()
          const card = known.accounts.find((one) => one.role === 'pool_manager')
          const answer = await fetch('/api/demo/sign-in', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ account_id: card.id, tab: true }),
          })
          if (!answer.ok) throw new Error(await answer.text())
          return (await answer.json()).tab_token
        }"""
    )
    return token


@contextmanager
def _service(home: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [".venv/bin/expert-draw", "serve", "--demo", "--port", str(port), "--holders", "page"]
    env = os.environ | {"EXPERT_DRAW_HOME": home}
    process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/api/meta", timeout=5):  # noqa: S310 - our own
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError("the service did not answer")


if __name__ == "__main__":
    say(bench())
