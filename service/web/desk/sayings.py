"""What the desk says after an action, by the key that the redirect carries."""

from __future__ import annotations

from collections.abc import Mapping

from service.words.voice import Voice


def list_sayings(voice: Voice) -> Mapping[str, str]:
    """Every sentence that may stand above a page, by key; other keys say nothing."""
    return {
        "saved": voice.say("Saved."),
        "signed-in": voice.say("You are signed in."),
        "session-ended": voice.say("That browser is signed out."),
        "editor-added": voice.say("They may sign in now."),
        "editor-removed": voice.say("They are signed out everywhere, for good."),
        "token-revoked": voice.say("That token counts no more."),
        "webhook-added": voice.say("It is told from now on. Send it a test."),
        "webhook-tested": voice.say("It is on its way; the answer stands here in a moment."),
        "webhook-started": voice.say("It is told again, first of what waited."),
        "webhook-removed": voice.say("It is told nothing any more."),
        "reader-added": voice.say("They are subscribed."),
        "reader-asked": voice.say("They are asked by mail to confirm."),
        "reader-removed": voice.say("Unsubscribed; what was sent so far stays known."),
        "reader-erased": voice.say("Erased."),
        "reader-being-erased": voice.say(
            "Unsubscribed; erased as soon as a mail under way has settled."
        ),
        "signups-let-go": voice.say("They are asked by mail to confirm."),
        "signups-dropped": voice.say("Those sign-ups are forgotten."),
        "suppression-added": voice.say("Nothing is sent to that address any more."),
        "suppression-removed": voice.say("That address may be written to again."),
        "list-dropped": voice.say("The list is put away, and its file deleted."),
        "post-held": voice.say("Mail waits for that post until somebody releases it."),
        "post-released": voice.say("Released: it becomes news with the next look at the posts."),
        "edition-changed": voice.say("Changed. The mails below are made anew."),
        "edition-make": voice.say("Here is the draft. It waits until somebody approves it."),
        "edition-approve": voice.say("Approved: it leaves at its time, or now if that is over."),
        "edition-schedule": voice.say("It has that time now; what is held waits to be approved."),
        "edition-send": voice.say("It is on its way."),
        "edition-hold": voice.say("Held: it does not leave before somebody approves it."),
        "edition-pause": voice.say("Paused. What is with the provider already goes on."),
        "edition-resume": voice.say("It goes on."),
        "edition-cancel": voice.say("Cancelled for good."),
        "edition-retry": voice.say("The missing are tried again."),
        "edition-test": voice.say("The test is on its way; the same one goes once a day."),
        "edition-correct": voice.say("The next edition will say so."),
        "edition-withdraw": voice.say("Withdrawn: no edition will say it."),
        "account-resumed": voice.say("Mail leaves through that account again."),
        "edition-settle": voice.say("Settled as you said."),
        "posts-released": voice.say("All of them are released."),
        "no-posts-released": voice.say("There was nothing left to release."),
    }
