"""Runs the tests in two processes, side by side: those over real parts, and all the others.

    python tests/both.py [pytest's own arguments]

The first mostly wait and the second mostly compute, so two cores do both in the time of one.
What the live tests say is shown as it comes, the rest at the end. Exit code 0: nothing failed.
"""

import subprocess
import sys
import tempfile

NOTHING_SELECTED = 5


def main(arguments: list[str]) -> int:
    """Exit code of pytest: of the run that failed, where one did."""
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    with tempfile.TemporaryFile() as said:
        others = subprocess.Popen(
            [*pytest, "-m", "not live", *arguments], stdout=said, stderr=subprocess.STDOUT
        )
        live = subprocess.run([*pytest, "-m", "live", *arguments], check=False).returncode
        rest = others.wait()
        said.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(said.read())
    codes = [code for code in (live, rest) if code != NOTHING_SELECTED]
    return max(codes, default=NOTHING_SELECTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
