"""What the rules of the gate and the faults of files are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from service.words.catalogues import SOURCE
from service.words.voice import Voice


def name_fault(voice: Voice, rule: str) -> str:
    """What is wrong by this rule or fault, "" where nothing is gained by saying so.

    That is in English, in which the program that found it has said it more exactly, and for a
    rule that is unknown.
    """
    return "" if voice.language == SOURCE else _list_faults(voice.say).get(rule, "")


def tell_fault(voice: Voice, rule: str, message: str) -> tuple[str, str]:
    """What was found, said exactly; else what is wrong by the rule, and the English message."""
    told, fault = voice.retell(message), name_fault(voice, rule)
    return (told.says, "") if told.lang is None or not fault else (fault, message)


def name_fault_beside(voice: Voice, rule: str, message: str) -> str:
    """What is wrong by the rule, for a line of its own; "" where the message says it exactly."""
    says, english = tell_fault(voice, rule, message)
    return says if english else ""


def name_rule(voice: Voice, rule: str) -> str:
    """What is wrong by this rule, in every language; the rule itself where it is unknown."""
    fault = _list_faults(voice.say).get(rule, rule)
    return fault[:1].upper() + fault[1:]


def name_kind(voice: Voice, rule: str) -> str:
    """What things are counted under: the kind of them, or their fault, or just its rule."""
    kinds = {
        "category": voice.say_of("what things are counted under", "category"),
        "late": voice.say_of("what things are counted under", "first seen too late"),
        "mass": voice.say_of("what things are counted under", "many came at once"),
        "tag": voice.say_of("what things are counted under", "tag"),
        "topic": voice.say_of("what things are counted under", "topic"),
    }
    return kinds.get(rule) or name_fault(voice, rule) or rule


def _list_faults(say: Callable[[str], str]) -> Mapping[str, str]:
    return {
        "address": say("addresses that run code or carry data are taken out"),
        "alias": say("YAML's aliases (& and *) cannot be used"),
        "body_marker": say("an END mark was left in the text"),
        "body_placeholder": say("a placeholder was left in the text"),
        "body_voice": say("the text speaks as a text generator does"),
        "component": say("components are taken out; what stood in them is kept"),
        "control": say("characters that feeds cannot carry are taken out"),
        "cut_title": say("the title or the summary is cut inside a character"),
        "damaged_text": say("characters of the text are lost (U+FFFD)"),
        "date": say("the date cannot be read"),
        "dead_link": say("a link leads to a story that is not on the site"),
        "directive": say("directives are shown as plain text"),
        "duplicate-id": say("another file has the same id"),
        "duplicate_key": say("a line of the front matter is there twice; the last counts"),
        "empty": say("there is neither summary nor text"),
        "encoding": say("these are no UTF-8 characters"),
        "folder": say("the folder cannot be opened"),
        "front_matter": say("the front matter cannot be read"),
        "glued_title": say("the title is two sentences glued together"),
        "iframe": say("embedded pages are shown as links"),
        "json": say("this is no JSON"),
        "markdown": say("this is no Markdown"),
        "marker": say("a mark was left in the title or the summary"),
        "near_duplicate": say("a post within three days has nearly the same title"),
        "no_date": say("there is no date"),
        "no_front_matter": say("the front matter is gone"),
        "open_fence": say("a fence around code is not closed"),
        "permalink": say("the permalink cannot be used"),
        "placeholder": say("a placeholder was left in the title or the summary"),
        "raw_html": say("HTML that feeds and mail cannot carry is taken out"),
        "repeated_heading": say("the same heading is repeated"),
        "repetition": say("the same sentence is repeated"),
        "shortcode": say("shortcodes are taken out; what stood in them is kept"),
        "stray_marker": say("END marks on lines of their own are taken out"),
        "summary_of_title": say("the summary repeats the title"),
        "template": say("many posts have the same summary"),
        "template_tag": say("template tags are taken out"),
        "toml": say("this is no TOML"),
        "too_deep": say("this is nested too deep"),
        "too_large": say("this is too large"),
        "too_many": say("these are too many"),
        "unclosed": say("the front matter is not closed"),
        "unfinished_body": say("the text stops half way"),
        "unfinished_summary": say("the summary stops half way"),
        "unfinished_title": say("the title stops half way"),
        "unreadable": say("the file cannot be opened"),
        "voice": say("the title or the summary speaks as a text generator does"),
        "yaml": say("this is no YAML"),
    }
