from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from service.delivery.drafted import Drafted, name_variant
from service.delivery.news import is_still_mailable
from service.delivery.serving import find_cadences, serve_group
from service.model.edition import Audience, Candidate, Edition, Rendered
from service.model.newsletter import Cadence
from service.model.post import Hold, Post
from service.store.audience import ReaderGroup
from tests.fakes.world import NOON, describe_edition, describe_post

SCHEDULED = describe_edition("2025-10-13", 3)
BY_HAND = describe_edition("hand", 3, None)
NEWS = describe_edition("news", 3, None)
NEWS = replace(NEWS, audience=Audience(names_posts=False))


def group(served: int = 0, topics: str = "", *, paused: bool = False, mask: int = 0) -> ReaderGroup:
    return ReaderGroup(served, topics, "ja", None, None, paused, (mask,), 1)


def post(number: int) -> Post:
    return replace(describe_post(number), post_id=number, tags=("AI",) if number == 3 else ())


POSTS = [Candidate(post(number), number) for number in (1, 2, 3)]


def numbers(
    edition: Edition, readers: ReaderGroup, had: dict[int, frozenset[int]] | None = None
) -> list[int]:
    earlier = had or {}
    served = serve_group(edition, POSTS, readers, earlier, tuple(earlier))
    return [one.post.post_id for one in served.candidates]


def test_readers_get_what_is_above_their_mark() -> None:
    assert numbers(SCHEDULED, group(0)) == [1, 2, 3]
    assert numbers(SCHEDULED, group(2)) == [3]
    assert serve_group(SCHEDULED, POSTS, group(3), {}, ()).skipped == "nothing new"


def test_readers_do_not_get_what_they_had_by_hand() -> None:
    assert numbers(SCHEDULED, group(0, mask=1), {7: frozenset({2})}) == [1, 3]
    assert numbers(SCHEDULED, group(0, mask=0), {7: frozenset({2})}) == [1, 2, 3]


def test_topics_are_categories_and_tags() -> None:
    assert numbers(SCHEDULED, group(topics="even")) == [2]
    assert numbers(SCHEDULED, group(topics="AI\neven")) == [2, 3]
    assert numbers(SCHEDULED, group(topics="elsewhere")) == []


def test_who_pauses_gets_nothing() -> None:
    assert serve_group(SCHEDULED, POSTS, group(paused=True), {}, ()).skipped == "paused"


def test_by_hand_everybody_gets_the_named_posts_whatever_was_served() -> None:
    assert numbers(BY_HAND, group(3)) == [1, 2, 3]


def test_by_hand_who_has_all_of_them_is_left_out_and_it_says_so() -> None:
    had = {7: frozenset({1, 2, 3})}
    served = serve_group(BY_HAND, POSTS, group(0, mask=1), had, (7,))
    assert (served.candidates, served.skipped) == ((), "has all the posts")
    assert numbers(BY_HAND, group(0, mask=1), {7: frozenset({1, 2})}) == [1, 2, 3]


def test_by_hand_to_chosen_topics_leaves_the_other_posts_out() -> None:
    asked = replace(BY_HAND, audience=Audience(topics=("AI",), names_posts=True))
    assert numbers(asked, group()) == [3]
    served = serve_group(asked, POSTS, group(topics="even"), {}, ())
    assert served.skipped == "no chosen topic"


def test_by_hand_without_names_gives_each_what_is_new_to_them() -> None:
    assert numbers(NEWS, group(1)) == [2, 3]


def test_an_announcement_without_posts_goes_to_everybody() -> None:
    announcement = replace(NEWS, intro="お知らせ")
    served = serve_group(announcement, [], group(3), {}, ())
    assert (served.candidates, served.skipped) == ((), "")


def test_a_variant_is_named_by_language_and_posts() -> None:
    mail = Drafted(Rendered("s", "", "h", "t"), "ja", (1, 2))
    name = name_variant(SCHEDULED, mail, POSTS)
    assert name == name_variant(SCHEDULED, mail, POSTS)
    others = {
        name_variant(SCHEDULED, replace(mail, language="en"), POSTS),
        name_variant(SCHEDULED, mail, POSTS[:2]),
        name_variant(replace(SCHEDULED, edition_id=9), mail, POSTS),
    }
    assert len(others | {name}) == 4


def test_news_may_stop_being_mailable() -> None:
    assert is_still_mailable(post(1), NOON)
    for changed in (
        replace(post(1), hold=Hold.EDITOR),
        replace(post(1), draft=True),
        replace(post(1), mailable=False),
        replace(post(1), expires_at=NOON),
        replace(post(1), published_at=NOON + timedelta(hours=1)),
    ):
        assert not is_still_mailable(changed, NOON)


def test_an_edition_by_hand_goes_to_the_cadences_it_names_or_to_all() -> None:
    assert find_cadences(SCHEDULED) == (Cadence.WEEKLY,)
    assert find_cadences(BY_HAND) == tuple(Cadence)
    daily = replace(BY_HAND, audience=Audience(cadences=(Cadence.DAILY,)))
    assert find_cadences(daily) == (Cadence.DAILY,)
