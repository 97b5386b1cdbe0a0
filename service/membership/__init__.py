"""The road of a reader: added, confirmed, left, erased; in and out as sheets."""

from service.membership.admitting import Admitted, admit_signups
from service.membership.choosing import (
    Choice,
    Choices,
    Offer,
    Standing,
    choose,
    find_standing,
    leave_everything,
    link_choices,
)
from service.membership.disclosing import disclose
from service.membership.erasing import ask_to_be_erased, complete_erasures, erase_reader
from service.membership.exporting import export_readers
from service.membership.foreseeing import NextMail
from service.membership.fresh import find_fresh_reader, mail_fresh_link
from service.membership.importing import foresee_import, import_readers
from service.membership.joining import confirm_subscription, list_asked
from service.membership.leaving import ask_to_return, reduce_cadence, remove_reader, unsubscribe
from service.membership.links import find_reader
from service.membership.moving import (
    Moved,
    ask_new_address,
    confirm_new_address,
    find_asked_change,
    find_language,
)
from service.membership.offering import Topic
from service.membership.register import Register
from service.membership.signing_up import sign_up
from service.membership.sorting import ImportReport
from service.membership.suppressing import restore_suppressions

__all__ = [
    "Admitted",
    "Choice",
    "Choices",
    "ImportReport",
    "Moved",
    "NextMail",
    "Offer",
    "Register",
    "Standing",
    "Topic",
    "admit_signups",
    "ask_new_address",
    "ask_to_be_erased",
    "ask_to_return",
    "choose",
    "complete_erasures",
    "confirm_new_address",
    "confirm_subscription",
    "disclose",
    "erase_reader",
    "export_readers",
    "find_asked_change",
    "find_fresh_reader",
    "find_language",
    "find_reader",
    "find_standing",
    "foresee_import",
    "import_readers",
    "leave_everything",
    "link_choices",
    "list_asked",
    "mail_fresh_link",
    "reduce_cadence",
    "remove_reader",
    "restore_suppressions",
    "sign_up",
    "unsubscribe",
]
