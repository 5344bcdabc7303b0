"""Replays are made once for a class, as long as they come out the same and there is room."""

import pytest
import torch

from autograder.judge import replays
from autograder.judge.replays import Replays, Transcripts
from autograder.judge.transcript import Event


class Replayed:
    """Makes one transcript, and counts how often."""

    def __init__(self, *, lasting: bool = True) -> None:
        self.lasting = lasting
        self.times = 0

    def __call__(self) -> tuple[Transcripts, bool]:
        self.times += 1
        return {"squares": [Event("call scale", torch.ones(1000))]}, self.lasting


def test_a_grader_is_replayed_once():
    kept, made, other = Replays(), Replayed(), Replayed()
    assert kept.of("a", made) is kept.of("a", made)
    kept.of("b", other)
    assert (made.times, other.times) == (1, 1)


def test_what_may_come_out_differently_is_replayed_each_time():
    kept, made = Replays(), Replayed(lasting=False)
    kept.of("a", made)
    kept.of("a", made)
    assert made.times == 2


def test_what_there_is_no_room_for_is_replayed_each_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(replays, "MOST_KEPT", 12_000)  # two transcripts of 4 kB and their frames
    kept = Replays()
    made = {name: Replayed() for name in "abc"}
    for name in "abcabc":
        kept.of(name, made[name])
    assert {name: each.times for name, each in made.items()} == {"a": 1, "b": 1, "c": 2}
