"""Every model of the language, and its golden samples: JSON as it stands on the wire.

``Name.json`` is the sample; where fields exclude each other, ``Name.<what>.json`` shows the others.
"""

import importlib
import json
import os
import pkgutil
from pathlib import Path

from pydantic import BaseModel

import messages
from messages.base import Event, Message

GOLDEN = Path(__file__).with_name("golden")

OLDER = Path(__file__).with_name("older")
"""Samples as an earlier release wrote them, of what has new fields since."""

REWRITE = "OMS_UPDATE_GOLDEN"
"""Set, in the environment, it makes the test of the samples write them anew."""


def models() -> tuple[type[BaseModel], ...]:
    """All messages, events and parts of them, by name."""
    for module in pkgutil.walk_packages(messages.__path__, "messages."):
        importlib.import_module(module.name)
    found: dict[str, type[BaseModel]] = {}
    waiting: list[type[BaseModel]] = [Message, Event]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if model.__module__.startswith("messages.") and model not in (Message, Event):
            assert found.setdefault(model.__name__, model) is model, f"two {model.__name__}"
    return tuple(found[name] for name in sorted(found))


MODELS = models()


def path_of(model: type[BaseModel]) -> Path:
    """Where the sample of ``model`` is."""
    return GOLDEN / f"{model.__name__}.json"


def paths_of(model: type[BaseModel]) -> list[Path]:
    """All samples of ``model``, the one that it must have first."""
    return [path_of(model), *sorted(GOLDEN.glob(f"{model.__name__}.*.json"))]


def sample(model: type[BaseModel]) -> BaseModel:
    """The sample, as the model reads it."""
    return model.model_validate_json(path_of(model).read_text())


def text_of(value: BaseModel) -> str:
    """The value as its sample is written: the JSON of the wire, indented."""
    return json.dumps(json.loads(value.model_dump_json(exclude_none=True)), indent=2) + "\n"


SAMPLES = [(model, path) for model in MODELS for path in paths_of(model)]


def rewriting() -> bool:
    """Whether samples are to be written anew."""
    return bool(os.environ.get(REWRITE))
