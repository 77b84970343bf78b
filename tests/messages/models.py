"""Every model of the language, and the golden sample of each: JSON as it stands on the wire."""

import importlib
import json
import os
import pkgutil
from pathlib import Path

from pydantic import BaseModel

import messages
from messages.base import Event, Message

GOLDEN = Path(__file__).with_name("golden")

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
INBOUND = tuple(model for model in MODELS if issubclass(model, Message))


def path_of(model: type[BaseModel]) -> Path:
    """Where the sample of ``model`` is."""
    return GOLDEN / f"{model.__name__}.json"


def sample(model: type[BaseModel]) -> BaseModel:
    """The sample, as the model reads it."""
    return model.model_validate_json(path_of(model).read_text())


def text_of(value: BaseModel) -> str:
    """The value as its sample is written: the JSON of the wire, indented."""
    return json.dumps(json.loads(value.model_dump_json()), indent=2) + "\n"


def rewriting() -> bool:
    """Whether samples are to be written anew."""
    return bool(os.environ.get(REWRITE))
