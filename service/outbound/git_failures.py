"""What git said when it failed, as a sentence that says what to do; never with a secret in it."""

from __future__ import annotations

import base64
import re

from service.model.source import GitSource
from service.model.wording import word

_LONGEST = 300
_COMPLAINT = re.compile(r"^(?:fatal|error|remote|ssh): *(.+)$", re.MULTILINE)
_SAYS_NOTHING = ("Could not read from remote repository", "early EOF", "the remote end hung up")
_IN_ADDRESS = re.compile(r"(?<=://)[^/@\s]+@")

_ADVICE = (
    (
        re.compile(
            r"could not read (Username|Password)|Authentication failed|error: 40[13]"
            r"|Permission denied \(publickey|Invalid username or token"
        ),
        word(
            "{url} does not let us in: for https set KAWARABAN_GIT_TOKEN to a token that may read "
            "the repository, for ssh give the user of this process a key that may (git: {said})"
        ),
    ),
    (
        re.compile(r"Repository not found|error: 404|does not appear to be a git repository"),
        word(
            "there is no repository at {url}, or it needs a key: see content.git and "
            "KAWARABAN_GIT_TOKEN (git: {said})"
        ),
    ),
    (
        re.compile(r"couldn't find remote ref"),
        word("the repository {url} has no branch {branch}; see content.git (git: {said})"),
    ),
    (
        re.compile(r"Host key verification failed"),
        word(
            "the host of {url} is not known here; connect to it once by hand, or write its key "
            "into the file known_hosts of this process's user (git: {said})"
        ),
    ),
    (
        re.compile(r"error: 30[1278]|unable to update url base from redirection"),
        word("{url} has moved; write its new address into content.git (git: {said})"),
    ),
    (
        re.compile(r"No space left on device"),
        word("the disk is full: {folder} (git: {said})"),
    ),
)


def explain_failure(output: str, source: GitSource) -> str:
    """Return why git failed, in one line; known causes with what to do about them."""
    said = _hide_secrets(_find_complaint(output), source)
    for sign, advice in _ADVICE:
        if sign.search(output):
            branch = source.branch or "HEAD"
            return advice.format(url=source.url, branch=branch, folder=source.folder, said=said)
    return word("git: {said}", said=said)


def _find_complaint(output: str) -> str:
    """The last complaint, which is the one that ended it; of what nobody wrote for us, little."""
    complaints = _COMPLAINT.findall(output)
    telling = [line for line in complaints if not line.startswith(_SAYS_NOTHING)]
    lines = telling or complaints or output.strip().splitlines() or ["it said nothing"]
    line = "".join(c if c.isprintable() else " " for c in lines[-1]).strip()
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def _hide_secrets(text: str, source: GitSource) -> str:
    text = _IN_ADDRESS.sub("", text)
    written = base64.b64encode(source.login.encode()).decode("ascii")
    for secret in (source.token, source.token.rpartition(":")[2], written):
        text = text.replace(secret, "…") if secret else text
    return text
