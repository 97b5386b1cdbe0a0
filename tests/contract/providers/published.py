"""The contracts that providers publish, as far as they lie beside the repository."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

CONTRACTS = Path(__file__).parents[4] / "shared" / "contracts"

Json = dict[str, Any]


@cache
def read_contract(name: str) -> Json:
    """Return an OpenAPI or Swagger document to be left as it is, or skip where it is absent."""
    path = CONTRACTS / name
    if not path.is_file():
        pytest.skip(f"the provider's published contract is absent: ../shared/contracts/{name}")
    raw = path.read_bytes()
    contract: Json
    contract = (
        yaml.load(raw, Loader=yaml.CSafeLoader) if path.suffix == ".yaml" else json.loads(raw)
    )
    return contract


def find_mistakes(contract: Json, schema: Json, value: object) -> list[str]:
    """Return what `schema`, a part of `contract`, has against `value`."""
    shared = {name: contract[name] for name in ("components", "definitions") if name in contract}
    validator = Draft202012Validator({**schema, **shared})
    return [error.message for error in validator.iter_errors(value)]
