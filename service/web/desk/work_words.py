"""What roles, scopes and actions are called at the desk."""

from __future__ import annotations

from service.model.editor import Role, Scope
from service.words.voice import Voice


def name_role(voice: Voice, role: Role) -> str:
    """A role, with what it means."""
    match role:
        case Role.OWNER:
            return voice.say("Owner: everything, also who may sign in")
        case Role.EDITOR:
            return voice.say("Editor: posts, editions, sending, readers")
        case Role.VIEWER:
            return voice.say("Viewer: looks, changes nothing, sees no reader's address")


def name_scope(voice: Voice, scope: Scope) -> str:
    """What a token may be used for."""
    match scope:
        case Scope.READ:
            return voice.say("read posts, editions and feeds")
        case Scope.POSTS:
            return voice.say("hold and release posts")
        case Scope.EDITIONS:
            return voice.say("arrange and hold editions")
        case Scope.SEND:
            return voice.say("send editions")
        case Scope.SUBSCRIBERS:
            return voice.say("see and change readers")
        case Scope.ADMIN:
            return voice.say("administer editors, tokens and webhooks")


def name_action(voice: Voice, action: str) -> str:
    """What was done, as the log says it; an action without a sentence is shown as it is."""
    names = {
        **_name_work_on_settings(voice),
        **_name_work_on_mail(voice),
        **_name_work_on_readers(voice),
    }
    return names.get(action, action)


def _name_work_on_settings(voice: Voice) -> dict[str, str]:
    return {
        "account.change": voice.say("changed their own name or language"),
        "session.begin": voice.say("signed in"),
        "session.end": voice.say("signed a browser out"),
        "editor.add": voice.say("let somebody sign in"),
        "editor.link": voice.say("made a link that signs somebody in"),
        "editor.role": voice.say("changed what somebody may do"),
        "editor.remove": voice.say("removed an editor"),
        "token.issue": voice.say("made a token"),
        "token.revoke": voice.say("revoked a token"),
        "account.resume": voice.say("let a provider account send again"),
        "webhook.add": voice.say("added a webhook"),
        "webhook.secret": voice.say("looked at the secret of a webhook"),
        "webhook.rotate": voice.say("changed the secret of a webhook"),
        "webhook.test": voice.say("sent a test to a webhook"),
        "webhook.start": voice.say("switched a webhook on again"),
        "webhook.redeliver": voice.say("had a webhook told again"),
        "webhook.remove": voice.say("removed a webhook"),
    }


def _name_work_on_mail(voice: Voice) -> dict[str, str]:
    return {
        "edition.make": voice.say("drafted an edition by hand"),
        "edition.add": voice.say("added a post to an edition"),
        "edition.order": voice.say("put an edition into another order"),
        "edition.leave-out": voice.say("left a post out of an edition"),
        "edition.take-back": voice.say("took a post back into an edition"),
        "edition.words": voice.say("wrote the words of an edition"),
        "edition.approve": voice.say("approved an edition"),
        "edition.schedule": voice.say("gave an edition another time"),
        "edition.send": voice.say("sent an edition"),
        "edition.hold": voice.say("held an edition"),
        "edition.pause": voice.say("paused an edition"),
        "edition.resume": voice.say("let an edition go on"),
        "edition.cancel": voice.say("cancelled an edition"),
        "edition.retry": voice.say("had the missing of an edition tried again"),
        "edition.test": voice.say("sent a test of an edition"),
        "edition.correct": voice.say("wrote a correction"),
        "edition.withdraw": voice.say("withdrew a correction"),
        "edition.settle": voice.say("settled mail that nobody could vouch for"),
        "mail.hold": voice.say("kept all mail back"),
        "mail.release": voice.say("let mail leave again"),
        "post.hold": voice.say("held a post back from mail"),
        "post.release": voice.say("released a post for mail"),
        "post.release_mass": voice.say("released posts that came at once"),
    }


def _name_work_on_readers(voice: Voice) -> dict[str, str]:
    return {
        "readers.export": voice.say("exported readers"),
        "readers.import": voice.say("brought in readers from a sheet"),
        "reader.add": voice.say("added a reader"),
        "reader.choose": voice.say("changed a reader's choices"),
        "reader.remove": voice.say("unsubscribed a reader"),
        "reader.ask": voice.say("asked a reader again to confirm"),
        "reader.link": voice.say("looked up a reader's own link"),
        "reader.erase": voice.say("erased a reader"),
        "signups.let_go": voice.say("let sign-ups go that waited"),
        "signups.drop": voice.say("forgot sign-ups that waited"),
        "suppression.add": voice.say("blocked an address"),
        "suppression.remove": voice.say("unblocked an address"),
        "suppressions.import": voice.say("took over a list of blocked addresses"),
        "suppressions.export": voice.say("exported the blocked addresses"),
        "list.upload": voice.say("uploaded a list of readers"),
        "list.import": voice.say("had a list of readers brought in"),
        "list.drop": voice.say("put a list of readers away"),
    }
