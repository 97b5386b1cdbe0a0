"""Every exception that Kawaraban raises on purpose.

    KawarabanError
    ├── ConfigError           kawaraban.toml or the environment is wrong (exit 2)
    ├── UsageError            a command was asked for something that cannot be (exit 2)
    ├── ContentError          a file cannot be read as a post (becomes its verdict)
    ├── TemplateError         a mail cannot be made: a template of the publication's, its size
    │   └── OurTemplateError  a template of Kawaraban itself fails
    ├── StoreError            the database cannot be used as it is
    │   ├── SchemaError       its schema is older or newer than this program
    │   └── SendHoldError     it was restored or copied: nothing may leave
    ├── SourceError           the repository of the posts cannot be pulled
    ├── AlreadyRunningError   another process holds the clock
    ├── AddressError          a text is no address that mail can reach
    ├── CellError             a cell of a sheet of readers cannot be understood
    ├── TokenError            a signed link is not ours, or for something else
    │   └── LinkExpiredError  it is ours, and its hour is over
    ├── NotAllowedError       a state does not permit what was asked
    │   └── ChangedError      somebody else changed the thing meanwhile
    │   └── AddressTakenError an address is another reader's
    ├── CallbackError         a callback is not signed, or not in the form, of its provider
    ├── UnsupportedError      a provider would silently drop what a message needs
    └── DeliveryError         what a provider call ended in, other than accepted
        ├── NotSentError      not a byte of the request was written
        ├── RefusedError      provably not taken (carries a Refusal with its scope)
        └── UnsureError       nobody can say whether it was taken

Messages name what is wrong, where, and what to do; never an address or a body. They are English
sentences with {names} and the values that fill them, so that a Voice can tell them in another
language to whoever looks at a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.model.delivery import Refusal


class KawarabanError(Exception):
    """The root: anything Kawaraban raises on purpose.

    `values` fill the {names} of the `sentence`; without any, braces in it are just braces.
    """

    def __init__(self, sentence: str = "", /, **values: object) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(sentence.format(**values) if values else sentence)


class ConfigError(KawarabanError):
    """The configuration is wrong; `mistakes` lists every one of them, by key."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class UsageError(KawarabanError):
    """A command was asked for something that cannot be."""


class ContentError(KawarabanError):
    """A file cannot be read as a post: `code` for machines, message and line for people."""

    def __init__(
        self, code: str, sentence: str, /, line: int | None = None, **values: object
    ) -> None:
        super().__init__(sentence, **values)
        self.code = code
        self.message = super().__str__()
        self.line = line

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


class TemplateError(KawarabanError):
    """A mail cannot be made of what a publication brought."""


class OurTemplateError(TemplateError):
    """A template of Kawaraban itself cannot be rendered: nobody but its makers can mend that."""


class StoreError(KawarabanError):
    """The database cannot be used as it is."""


class SchemaError(StoreError):
    """The database's schema is not the one this program knows."""


class SendHoldError(StoreError):
    """The database was restored or copied, so nothing may leave until a person says so."""


class SourceError(KawarabanError):
    """The repository of the posts cannot be pulled; the message says why, without any secret."""


class AlreadyRunningError(KawarabanError):
    """Another process already does what this one was started for."""


class AddressError(KawarabanError):
    """A text is no address that mail can reach; the message says why and never shows it."""


class CellError(KawarabanError):
    """A cell of a sheet cannot be understood; the message says what should stand there."""


class TokenError(KawarabanError):
    """A signed link is not ours, was changed, or is for another purpose."""


class LinkExpiredError(TokenError):
    """A signed link that lives for a while is ours, and has outlived it."""


class NotAllowedError(KawarabanError):
    """The state of a thing does not permit what was asked of it."""


class ChangedError(NotAllowedError):
    """Somebody else changed the thing since whoever asks has looked at it."""


class AddressTakenError(NotAllowedError):
    """An address is another reader's already."""


class CallbackError(KawarabanError):
    """A callback is not signed as its provider signs, or is not in its form."""


class UnsupportedError(KawarabanError):
    """A provider would silently drop something the message needs."""


class DeliveryError(KawarabanError):
    """A call to a provider ended in something other than acceptance."""


class NotSentError(DeliveryError):
    """Not a byte of the request was written, so nobody can have taken it."""


class RefusedError(DeliveryError):
    """The provider provably did not take the batch; `refusal` says whose fault it is."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"{refusal.scope}: {refusal.code}: {refusal.detail}")


class UnsureError(DeliveryError):
    """Nobody can say whether the provider took the batch."""
