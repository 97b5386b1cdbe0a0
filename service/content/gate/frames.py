"""What of a summary would fit any other post just as well."""

from __future__ import annotations

import re

_SHORTEST = 6
_SENTENCE_END = re.compile(r"[。！？!?]")
# 〜について詳しく解説します。 as the only sentence: whatever stands before it is the subject.
_ANNOUNCEMENT = re.compile(
    r"(?:について|に関して|を)、?[^。、「」]{0,12}(?:解説|分析|説明|紹介|考察)"
    r"(?:します|しています|していきます|いたします)。?$"
)


def find_frame(title: str, summary: str) -> str:
    """The part of a summary that does not depend on its post, "" where all of it does.

    It is what is left without the title, else an announcement that is the only sentence, else
    the summary itself: the same frame in many posts is a template.
    """
    if title and title in summary:
        frame = " ".join(summary.replace(title, "…").split())
        return frame if len(frame) >= _SHORTEST else ""
    if len(_SENTENCE_END.findall(summary)) <= 1 and (found := _ANNOUNCEMENT.search(summary)):
        return found.group()
    return summary
