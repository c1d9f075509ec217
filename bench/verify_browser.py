"""`verify.browser`: the same bundle in Chromium, through the page's verifier as vite builds it."""

import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Final

from bench.browser import chromium, served
from bench.row import RUNS, Row, say
from bench.verify import BUNDLE, about, bundle, policy_of

FOLDER: Final = Path("var/bench/verifier")
CONFIG: Final = "../bench/verifier.config.ts"

MEASURE: Final = """async ({ pinned, runs }) => {
  const { verify } = await import('/verify.js')
  const bytes = new Uint8Array(await (await fetch('/bundle.json')).arrayBuffer())
  const times = []
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    const found = await verify(bytes, { purpose: 'production', pinned: [pinned] })
    times.push(performance.now() - start)
    if (found.verdict !== 'passed') throw new Error(found.failed ?? found.verdict)
  }
  return times
}"""


def bench() -> list[Row]:
    """Median milliseconds of a verification; the first one, which compiles, is left out."""
    data = bundle()
    build = ["../tools/with_node.sh", "npx", "--no-install", "vite", "build", "--config", CONFIG]
    subprocess.run([*build, "--logLevel", "warn"], cwd="web", check=True, stdout=subprocess.DEVNULL)
    shutil.copy(BUNDLE, FOLDER / "bundle.json")
    (FOLDER / "index.html").write_text("<!doctype html><title>bench</title>", encoding="utf-8")
    with served(FOLDER) as address, chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        asked = {"pinned": policy_of(data).hex(), "runs": RUNS + 1}
        times = page.evaluate(MEASURE, asked)
    value = round(statistics.median(times[1:]), 1)
    return [Row("verify.browser", value, "ms", "<= 40", about(data))]


if __name__ == "__main__":
    say(bench())
