"""The road of a reader: added, confirmed, left, erased; in and out as sheets."""

from service.membership.adding import add_reader
from service.membership.admitting import Admitted, admit_domain, admit_signups, drop_signups
from service.membership.asking import ask_again
from service.membership.choosing import choose, leave_everything, link_choices
from service.membership.choosing_for import (
    change_newsletter_for,
    choose_for,
    look_up_link,
    pause_for,
)
from service.membership.describing import describe_subscription
from service.membership.disclosing import disclose
from service.membership.erasing import ask_to_be_erased, complete_erasures, erase_reader
from service.membership.exporting import export_readers
from service.membership.foreseeing import NextMail
from service.membership.forgetting import forget_unconfirmed
from service.membership.fresh import find_fresh_reader, mail_fresh_link
from service.membership.importing import foresee_import, import_readers
from service.membership.joining import confirm_subscription, list_asked
from service.membership.leaving import (
    ask_to_return,
    leave_newsletter,
    reduce_cadence,
    remove_reader,
    unsubscribe,
)
from service.membership.links import find_reader
from service.membership.list_files import MOST_LIST_BYTES, ListFile
from service.membership.list_sweeping import ListSweeper
from service.membership.lists import (
    bring_in_list,
    drop_list,
    find_list,
    require_terms,
    run_lists,
    take_list,
)
from service.membership.moving import (
    Moved,
    ask_new_address,
    confirm_new_address,
    find_asked_change,
    find_language,
)
from service.membership.offering import Topic
from service.membership.register import Register
from service.membership.sheet_errands import SheetErrand
from service.membership.signing_up import sign_up
from service.membership.sorting import ImportReport
from service.membership.standing import Choice, Choices, Offer, Standing, find_standing
from service.membership.suppressing import (
    export_suppressions,
    lift_suppression,
    restore_suppressions,
    suppress,
)

__all__ = [
    "MOST_LIST_BYTES",
    "Admitted",
    "Choice",
    "Choices",
    "ImportReport",
    "ListFile",
    "ListSweeper",
    "Moved",
    "NextMail",
    "Offer",
    "Register",
    "SheetErrand",
    "Standing",
    "Topic",
    "add_reader",
    "admit_domain",
    "admit_signups",
    "ask_again",
    "ask_new_address",
    "ask_to_be_erased",
    "ask_to_return",
    "bring_in_list",
    "change_newsletter_for",
    "choose",
    "choose_for",
    "complete_erasures",
    "confirm_new_address",
    "confirm_subscription",
    "describe_subscription",
    "disclose",
    "drop_list",
    "drop_signups",
    "erase_reader",
    "export_readers",
    "export_suppressions",
    "find_asked_change",
    "find_fresh_reader",
    "find_language",
    "find_list",
    "find_reader",
    "find_standing",
    "foresee_import",
    "forget_unconfirmed",
    "import_readers",
    "leave_everything",
    "leave_newsletter",
    "lift_suppression",
    "link_choices",
    "list_asked",
    "look_up_link",
    "mail_fresh_link",
    "pause_for",
    "reduce_cadence",
    "remove_reader",
    "require_terms",
    "restore_suppressions",
    "run_lists",
    "sign_up",
    "suppress",
    "take_list",
    "unsubscribe",
]
