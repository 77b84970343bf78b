"""A measurement in a process of its own: ``python -m MODULE DATA JOB`` prints JSON lines.

``{"say": [part, what]}`` while it goes on, and in the end ``{"result": ..}`` or ``{"error": ..}``.
"""

import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from pydantic import BaseModel

Job = TypeVar("Job", bound=BaseModel)
Say = Callable[[str, str], None]
Measure = Callable[[Path, Job, Say], Coroutine[Any, Any, dict[str, Any]]]


def main(kind: type[Job], measure: Measure[Job], *faults: type[Exception]) -> int:
    """Read the arguments and measure; the exit code is 1 where one of ``faults`` came of it."""
    data, job = Path(sys.argv[1]), kind.model_validate_json(sys.argv[2])
    try:
        result = uvloop.run(measure(data, job, lambda *words: _tell(say=words)))
    except faults as error:
        _tell(error=f"{error}; see what is amiss: oms logs --data {data}")
        return 1
    _tell(result=result)
    return 0


def _tell(**line: Any) -> None:
    print(json.dumps(line), flush=True)
