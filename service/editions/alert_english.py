"""What editors are told, in English."""

from __future__ import annotations

from types import MappingProxyType

from service.editions.alert_words import AlertWords, ConditionWords, FormWords
from service.model.condition import Condition

ENGLISH = AlertWords(
    subject_one="[needs you] {gravest} | {publication}",
    subject_many="[needs you] {gravest}, and {others} more | {publication}",
    preheader="What it is, where, and what to do.",
    heading_one="1 thing needs you",
    heading_many="{count} things need you",
    before="Everything else goes on as it should. Each of these waits for a person.",
    older="{count} told before are still there:",
    more="And {count} more:",
    counted="{rule}: {count}",
    quoted="“{quote}”",
    quoted_at="“{quote}” (line {line})",
    by_hand="by hand",
    why="You get this mail because this address stands under editors in kawaraban.toml.",
    conditions=MappingProxyType(
        {
            Condition.SEND_HOLD: ConditionWords(
                "Nothing leaves: the database was copied",
                "Nothing leaves: the database was copied",
            ),
            Condition.ACCOUNT: ConditionWords(
                "A provider account is paused", "{count} provider accounts are paused"
            ),
            Condition.FOLDER: ConditionWords(
                "The folder of posts looks emptied", "The folder of posts looks emptied"
            ),
            Condition.PULL: ConditionWords(
                "Posts cannot be fetched", "Posts cannot be fetched from {count} places"
            ),
            Condition.UNKNOWN: ConditionWords(
                "Nobody can say whether 1 batch was sent",
                "Nobody can say whether {count} batches were sent",
                "They are not sent again by themselves: never twice is the rule. "
                "Look them up at the provider, and say what became of them.",
            ),
            Condition.SIGNUPS: ConditionWords(
                "Sign-ups pile up", "Sign-ups pile up", "Is somebody misusing the form?"
            ),
            Condition.UNMADE: ConditionWords(
                "The mail of 1 edition cannot be made",
                "The mail of {count} editions cannot be made",
                "Nothing of them has left. Mend what is named, and approve them: they go then.",
            ),
            Condition.OVERDUE: ConditionWords(
                "1 edition is overdue and waits",
                "{count} editions are overdue and wait",
            ),
            Condition.PAUSED: ConditionWords(
                "1 edition is paused half way",
                "{count} editions are paused half way",
            ),
            Condition.APPROVAL: ConditionWords(
                "1 edition is ready to be looked at",
                "{count} editions are ready to be looked at",
            ),
            Condition.QUARANTINED: ConditionWords(
                "1 post cannot be read",
                "{count} posts cannot be read",
                "Mend the file and save it; it is read again by itself.",
            ),
            Condition.HELD: ConditionWords(
                "1 new post is held back from mail",
                "{count} new posts are held back from mail",
                "Feeds show them; mail waits. Mend the file, or release it as it is.",
            ),
            Condition.FILTER: ConditionWords(
                "1 name in a newsletter matches no post",
                "{count} names in newsletters match no post",
                "Was it renamed on the site, or misspelt in kawaraban.toml?",
            ),
        }
    ),
    forms=MappingProxyType(
        {
            "send_hold": FormWords(
                "This database was restored or copied",
                ("What it says of sent mail may be old. Look whether the original sent since.",),
            ),
            "account": FormWords(
                "{account}",
                ("Paused since {since}: {reason}", "Nothing leaves through it until you resume."),
            ),
            "missing": FormWords(
                "{count} files are not there any more",
                (
                    "Since {since}. The first of them: {path}",
                    "Their posts stay in the feeds for some minutes; then they count as deleted.",
                    "Is a disk not mounted, or a checkout half done?",
                ),
            ),
            "pull": FormWords(
                "{source}",
                (
                    "Failing since {since}: {reason}",
                    "Feeds and mail go on with what was fetched last.",
                ),
            ),
            "unknown": FormWords("Batch {batch}, tried {since}", ("Addresses: {rows}. {reason}",)),
            "signups": FormWords(
                "{count} sign-ups wait for their confirmation mail",
                (
                    "Since {since}. The caps let no more mail go in an hour.",
                    "They are mailed hour by hour, and forgotten after two days.",
                ),
            ),
            "unmade": FormWords("{newsletter} ({cadence}), due {slot}", ("{reason}",)),
            "overdue": FormWords(
                "{newsletter} ({cadence}), due {slot}",
                ("Nothing of it has left. Send it late, or leave it out.",),
            ),
            "paused": FormWords(
                "{newsletter} ({cadence}), due {slot}",
                ("{reason}", "Readers who wait for it: {waiting}."),
            ),
            "goes": FormWords(
                "{newsletter} ({cadence}), due {slot}",
                (
                    "Posts: {count}, the first of them: {first}",
                    "It leaves then, unless somebody holds it.",
                ),
            ),
            "asks": FormWords(
                "{newsletter} ({cadence}), due {slot}",
                (
                    "Posts: {count}, the first of them: {first}",
                    "It does not leave before somebody approves it.",
                ),
            ),
            "kept": FormWords("{place}", ("{reason}", "The last good version stays in the feeds.")),
            "lost": FormWords(
                "{place}", ("{reason}", "It is in no feed and in no mail until then.")
            ),
            "held": FormWords("{title}", ("{path}",)),
            "mass": FormWords(
                "{count} posts came at once",
                ("Seen {seen}, with dates already past. First: {title}",),
            ),
            "late": FormWords(
                "{title}",
                ("{path}", "Dated {dated} and first seen {seen}: too late for {newsletter}."),
            ),
            "category": FormWords("{newsletter}: category “{name}”"),
            "tag": FormWords("{newsletter}: tag “{name}”"),
            "topic": FormWords(
                "{newsletter}: topic “{name}”", ("A reader who chose only it gets nothing.",)
            ),
        }
    ),
    rules=MappingProxyType({"late": "first seen too late", "mass": "many came at once"}),
)
