"""Runs the tests in four processes, side by side: two halves of those over real parts, the
simulator's, and all the others.

    python tests/all.py [pytest's own arguments]

The first two mostly wait and the others mostly compute, so two cores do all in the time of one.
What the first says is shown as it comes, the rest at the end. Exit code 0: nothing failed.
"""

import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

NOTHING_SELECTED = 5
YIELDS = ("nice", "-n", "10")
"""What computes takes what the tests over real parts leave: those wait, and not for ever."""
ROOT = Path(__file__).parent.parent
SECOND = sorted(
    path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/live/test_[a-d]*.py")
)
"""Files of the second half: storms and deaths, which take half of the time."""


def main(arguments: list[str]) -> int:
    """Exit code of pytest: of the run that failed, where one did."""
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    first = [*pytest, "-m", "live", *(f"--ignore={path}" for path in SECOND), *arguments]
    second = [*pytest, "-m", "live", *SECOND, *arguments]
    seeds = [*pytest, "-m", "not live", "tests/sim", *arguments]
    others = [*pytest, "-m", "not live", "--ignore=tests/sim", *arguments]
    with ExitStack() as stack:
        beside = []
        for words in (second, [*YIELDS, *seeds], [*YIELDS, *others]):
            said = stack.enter_context(tempfile.TemporaryFile())
            process = subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT, cwd=ROOT)
            beside.append((process, said))
        codes = [subprocess.run(first, check=False, cwd=ROOT).returncode]
        for process, said in beside:
            codes.append(process.wait())
            said.seek(0)
            sys.stdout.flush()
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    return max((code for code in codes if code != NOTHING_SELECTED), default=NOTHING_SELECTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
