"""What git said when it failed, as a sentence that says what to do; never with a secret in it."""

from __future__ import annotations

import base64
import re

from service.model.source import GitSource

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
        (
            "{url} does not let us in: for https set KAWARABAN_GIT_TOKEN to a token that may read "
            "the repository, for ssh give the user of this process a key that may"
        ),
    ),
    (
        re.compile(r"Repository not found|error: 404|does not appear to be a git repository"),
        (
            "there is no repository at {url}, or it needs a key: see content.git and "
            "KAWARABAN_GIT_TOKEN"
        ),
    ),
    (
        re.compile(r"couldn't find remote ref"),
        "the repository {url} has no branch {branch}; see content.git",
    ),
    (
        re.compile(r"Host key verification failed"),
        (
            "the host of {url} is not known here; connect to it once by hand, or write its key "
            "into the file known_hosts of this process's user"
        ),
    ),
    (
        re.compile(r"error: 30[1278]|unable to update url base from redirection"),
        "{url} has moved; write its new address into content.git",
    ),
    (
        re.compile(r"No space left on device"),
        "the disk is full: {folder}",
    ),
)


def explain_failure(output: str, source: GitSource) -> str:
    """Return why git failed, in one line; known causes with what to do about them."""
    said = _hide_secrets(_find_complaint(output), source)
    for sign, advice in _ADVICE:
        if sign.search(output):
            branch = source.branch or "of its own choice"
            known = advice.format(url=source.url, branch=branch, folder=source.folder)
            return f"{known} (git: {said})"
    return f"git: {said}"


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
