"""Runs the tests in three processes, side by side: two halves of those over real parts, and all the
others.

    python tests/all.py [pytest's own arguments]

The first two mostly wait and the third mostly computes, so two cores do all in the time of one.
What the first says is shown as it comes, the rest at the end. Exit code 0: nothing failed.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

NOTHING_SELECTED = 5
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
    others = [*pytest, "-m", "not live", *arguments]
    with tempfile.TemporaryFile() as second_said, tempfile.TemporaryFile() as others_said:
        beside = [
            subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT, cwd=ROOT)
            for words, said in ((second, second_said), (others, others_said))
        ]
        codes = [subprocess.run(first, check=False, cwd=ROOT).returncode]
        for process, said in zip(beside, (second_said, others_said), strict=True):
            codes.append(process.wait())
            said.seek(0)
            sys.stdout.flush()
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    return max((code for code in codes if code != NOTHING_SELECTED), default=NOTHING_SELECTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
