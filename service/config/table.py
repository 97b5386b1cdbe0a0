"""What every table of kawaraban.toml is made of, and the plain kinds of value."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from service.config import values

Line = Annotated[str, BeforeValidator(values.read_line)]
Words = Annotated[str, BeforeValidator(values.read_words)]
Text = Annotated[str, BeforeValidator(values.read_text)]
Flag = Annotated[bool, BeforeValidator(values.read_flag)]
Email = Annotated[str, BeforeValidator(values.read_email)]
Slug = Annotated[str, BeforeValidator(values.read_slug)]
Url = Annotated[str, BeforeValidator(values.read_url)]


class Table(BaseModel):
    """One table of kawaraban.toml: an unknown key is a mistake, and nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
