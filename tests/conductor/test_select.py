"""Which fragments are read."""

from __future__ import annotations

from rlmboard.conductor import Answer
from rlmboard.conductor.prompts import chosen
from rlmboard.conductor.select import catalogs, rank
from rlmboard.trace import EnvSelectFragments, Note, SubQuerySubmit


def selected(stage):
    return [i for e in stage.of(EnvSelectFragments) for i in e.fragment_ids]


def test_bm25_asks_only_the_best_fragments_the_best_first(stage):
    stage.documents(5)
    ids = [f.id for f in stage.fragments]
    stage.texts = dict.fromkeys(ids, "nothing of the kind")
    stage.texts[ids[3]] = "the heartbeat, and the lock that guards the heartbeat"
    stage.texts[ids[1]] = "a lock"
    stage.query = "how do lock and heartbeat work together?"
    stage.run(select="bm25", top_k=3, fanout=1)
    assert selected(stage) == [ids[3], ids[1]]
    assert [ask.question.fragment.id for ask in stage.asked[:2]] == [ids[3], ids[1]]


def test_when_no_fragment_shares_a_word_the_first_are_read_and_that_is_said(stage):
    stage.documents(4)
    stage.run(select="bm25", top_k=2)
    assert selected(stage) == [f.id for f in stage.fragments[:2]]
    assert "no fragment shares a word" in stage.of(Note)[0].message


def test_a_fragment_that_cannot_be_read_is_ranked_by_its_title(make_fragment):
    def read(fragment):
        raise OSError("gone")

    assert rank([make_fragment(0)], read, "anything", 3) == ((0,), False)


def test_ranking_says_the_best_first_and_ties_in_their_order(make_fragment):
    fragments = [make_fragment(i) for i in range(4)]
    texts = {
        fragments[0].id: "heartbeat",
        fragments[1].id: "lock and heartbeat",
        fragments[2].id: "nothing",
        fragments[3].id: "heartbeat",
    }
    ranking = rank(fragments, lambda f: texts[f.id], "the heartbeat and its lock", 3)
    assert ranking == ((1, 0, 3), True)


# ------------------------------------------------------------------ a model as router


def test_a_router_chooses_and_the_chosen_hang_below_it_in_the_tree(stage):
    stage.documents(5)
    stage.by_key({"router": (1.0, Answer(text="I would read [4, 2]"))})
    outcome = stage.run(select="router")
    assert outcome.status == "completed"
    ids = [f.id for f in stage.fragments]
    assert selected(stage) == [ids[3], ids[1]]
    submitted = stage.of(SubQuerySubmit)
    assert [(e.role, e.parent_id, e.depth) for e in submitted] == [
        ("router", None, 1),
        ("extractor", "q1", 2),
        ("extractor", "q1", 2),
        ("reducer", None, 1),
    ]


def test_a_long_catalog_is_asked_in_batches_and_no_batch_outweighs_another(stage):
    stage.documents(150)
    stage.by_key({"router": (1.0, Answer(text="[3, 1]"))})
    stage.run(select="router", top_k=3)
    routers = [e for e in stage.of(SubQuerySubmit) if e.role == "router"]
    assert [(e.batch_index, e.batch_size) for e in routers] == [(0, 2), (1, 2)]
    ids = [f.id for f in stage.fragments]
    assert selected(stage) == [ids[2], ids[102], ids[0]]
    extractors = [e for e in stage.of(SubQuerySubmit) if e.role == "extractor"]
    assert [e.parent_id for e in extractors] == ["q1", "q2", "q1"]


def test_a_router_that_names_what_is_not_there_is_not_believed(stage):
    stage.documents(3)
    stage.by_key({"router": (1.0, Answer(text="[1, 99]"))})
    stage.run(select="router", top_k=2)
    assert "gave no list that can be read" in stage.of(Note)[0].message
    assert len(selected(stage)) == 2


def test_a_router_that_fails_or_chooses_nothing_is_replaced_by_bm25(stage, error):
    for reply, why in ((error(), "gave no list"), (Answer(text="[]"), "chose nothing")):
        stage.events.clear()
        stage.documents(3)
        stage.by_key({"router": (1.0, reply)})
        assert stage.run(select="router", top_k=2).status == "completed"
        assert why in stage.of(Note)[0].message


def test_a_choice_is_the_last_array_of_numbers_that_exist():
    assert chosen("[2, 1, 2]", 3) == [1, 0]
    assert chosen("first [9], no: [1]", 3) == [0]
    assert chosen("[]", 3) == []
    assert chosen("none of the 12", 20) is None
    assert chosen("[0]", 3) is None
    assert chosen("[4]", 3) is None


def test_catalogs_fit_the_prompt(make_fragment):
    fragments = [make_fragment(i) for i in range(50)]
    made = catalogs(fragments, room_chars=3000)
    assert [f for page in made for f in page] == fragments
    assert all(len(page) <= 12 for page in made)
