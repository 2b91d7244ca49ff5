"""Making an order, by canned answers: what goes out, what is proof, and what the words of a refusal become."""

import json

import pytest
from order_time_orders import LINE, ORDER
from order_time_talk import MADE, TEXT, changed, played, yes

from sobatch.erp.exchange import Answer
from sobatch.erp.one_by_one import ORDER as STEP
from sobatch.erp.one_by_one import Fate, Made, Seen
from sobatch.erp.order_time.dialect import OrderTimeDialect
from sobatch.errors import NotAllowed


def created(answer, order=TEXT):
    asked, kept, made = played(OrderTimeDialect().create(order, {}), answer)
    assert [call.step for call in asked] == [STEP]
    return kept[0], made


def test_the_order_goes_out_as_it_was_written():
    asked, kept, made = played(OrderTimeDialect().create(TEXT, {}), yes(MADE))
    [request] = [call.request for call in asked]
    assert (request.method, request.path, dict(request.params), request.body) == ("POST", "/salesorder", {}, TEXT)
    assert b"42.50" in request.body
    assert (kept, made) == (["1042"], Made(Fate.CREATED, "1042", "1042"))


def test_an_order_that_is_made_needs_no_call():
    assert played(OrderTimeDialect().create(TEXT, {STEP: "1042"})) == ([], [], Made(Fate.CREATED, "1042", "1042"))


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (yes(MADE), "1042"),
        (yes(MADE, 201), "1042"),
        (yes({"DocNo": 1}), "1"),
        (yes({**MADE, "LineItems": [LINE] * 3}), "1042"),  # a kit may become several lines
        (yes({**MADE, "CustomerPO": "6T56-97 "}), "1042"),
        (yes({**MADE, "CustomerPO": None}), "1042"),
        (yes({**MADE, "CustomerRef": {"Name": "Basket Case"}}), "1042"),
        (yes({**MADE, "CustomerPO": "6T56-98"}), None),
        (yes({**MADE, "CustomerRef": {"Id": 22}}), None),
        (yes({**ORDER}), None),
        (yes({**MADE, "DocNo": 0}), None),
        (yes({**MADE, "DocNo": -5}), None),
        (yes({**MADE, "DocNo": True}), None),
        (yes({**MADE, "DocNo": 1.5}), None),
        (yes({**MADE, "DocNo": 2**31}), None),
        (yes({**MADE, "DocNo": "1042"}), None),
        (yes([MADE]), None),
        (yes([{"ErrorMessage": "no"}]), None),
        (yes(True), None),
        (yes(None), None),
        (Answer(200), None),
        (Answer(200, body=b"<html>Log in</html>"), None),
        (Answer(200, body=json.dumps(MADE).encode()[:-9]), None),
    ],
)
def test_only_a_number_in_an_answer_about_this_order_is_proof(answer, kept):
    assert created(answer)[0] == kept


VALIDATION = [
    {"ErrorMessage": "The field CustomerPO is too long.", "MemberNames": ["CustomerPO"]},
    {"ErrorMessage": "Quantity must be set.", "MemberNames": ["LineItems[0].Quantity"]},
    {"ErrorMessage": "A shipping method is required.", "MemberNames": ["ShipMethodRef"]},
    {"ErrorMessage": "The order is closed.", "MemberNames": None},
    {"ErrorMessage": "Two at once.", "MemberNames": ["Date", "Promise Date"]},
]
SAID = (
    ("/CustomerPO", "The field CustomerPO is too long."),
    ("/LineItems/0/Quantity", "Quantity must be set."),
    ("", "ShipMethodRef: A shipping method is required."),
    ("", "The order is closed."),
    ("/Date", "Two at once."),
    ("/PromiseDate", "Two at once."),
)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (yes(VALIDATION, 409), SAID),
        (yes({"ValidationResults": VALIDATION}, 409), SAID),
        (yes({"Message": "Bad request"}, 409), (("", "Bad request"),)),
        (yes("Bad request", 409), (("", "Bad request"),)),
        (Answer(409, body=b"Bad request"), (("", "Bad request"),)),
        (
            yes({"Message": "The request is invalid.", "ModelState": {"salesOrder.LineItems[0].Price": ["No."]}}, 409),
            (("", "The request is invalid."), ("/LineItems/0/Price", "No.")),
        ),
        (yes(["A", "B", "A", 5, None, {}], 409), (("", "A"), ("", "B"))),
        (yes([], 409), (("", "Order Time answered 409 without a word."),)),
        (Answer(409, body=b"<html>no</html>"), (("", "Order Time answered 409 without a word."),)),
        (Answer(409), (("", "Order Time answered 409 without a word."),)),
    ],
)
def test_the_words_of_a_refusal_come_home_with_their_place(answer, said):
    _, made = created(answer)
    assert (made.fate, made.remote_id, made.messages) == (Fate.REJECTED, None, said)


@pytest.mark.parametrize(
    ("name", "pointer"),
    [
        ("CustomerRef.Id", "/CustomerRef/Id"),
        ("customerref", "/CustomerRef"),
        ("Customer", "/CustomerRef"),
        ("Ship To", "/ShipToRef"),
        ("LineItems[0].ItemRef.Id", "/LineItems/0/ItemRef/Id"),
        ("Items[0]", "/LineItems/0"),
        ("LineItems[7].Quantity", "/LineItems"),
        ("LineItems[0].UomRef", "/LineItems/0"),
        ("order.CustomerPO", "/CustomerPO"),
        ("Nothing", ""),
        ("", ""),
    ],
)
def test_a_name_leads_to_its_place(name, pointer):
    _, made = created(yes([{"ErrorMessage": "no", "MemberNames": [name]}], 409))
    assert made.messages[0][0] == pointer


def test_a_flood_of_words_is_cut():
    _, made = created(yes([{"ErrorMessage": f"{number} " + "x" * 9999} for number in range(999)], 409))
    assert len(made.messages) == 50
    assert max(len(words) for _, words in made.messages) <= 500


def test_the_first_400_is_about_the_order_when_a_list_can_be_read():
    dialect = OrderTimeDialect()
    asked, _, made = played(dialect.create(TEXT, {}), yes({"Message": "no such item"}, 400), yes([]))
    assert [(call.request.path, call.step) for call in asked] == [("/salesorder", STEP), ("/list", None)]
    assert (made.fate, made.messages) == (Fate.REJECTED, (("", "no such item"),))
    asked, _, made = played(dialect.create(TEXT, {}), yes({"Message": "no such item"}, 400))  # known by now
    assert made.fate is Fate.REJECTED


@pytest.mark.parametrize("status", [400, 404, 409])
def test_the_first_400_is_about_access_when_nothing_can_be_read(status):
    with pytest.raises(NotAllowed, match="wrong key") as raised:
        played(OrderTimeDialect().create(TEXT, {}), yes({"Message": "wrong key"}, 400), yes("?", status))
    assert "api_key" in raised.value.next_step


def test_after_a_success_a_400_is_about_the_order():
    dialect = OrderTimeDialect()
    played(dialect.create(TEXT, {}), yes(MADE))
    assert played(dialect.create(TEXT, {}), yes("no", 400))[2].fate is Fate.REJECTED


def test_409_is_a_definite_no_and_403_is_about_everybody():
    assert OrderTimeDialect.refused == {409}
    assert OrderTimeDialect.doubtful == frozenset()


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (yes(MADE), Seen("Processing")),
        (changed(StatusRef={"Id": 3, "Name": "Cancelled"}), Seen("Cancelled", cancelled=True)),
        (changed(StatusRef={"Id": 4, "Name": "Shipped"}), Seen("Shipped", delivered=True)),
        (changed(StatusRef={"Id": 4}), Seen("there")),
        (changed(StatusRef=None), Seen("there")),
        (yes("no such order", 400), Seen("not there", gone=True)),
        (yes("no such order", 404), Seen("not there", gone=True)),
        (changed(DocNo=5), Seen("cannot be told: Order Time answered 200")),
        (Answer(200, body=b"<html>"), Seen("cannot be told: Order Time answered 200")),
        (yes("?", 409), Seen("cannot be told: Order Time answered 409")),
    ],
)
def test_how_an_order_stands_today(answer, seen):
    asked, _, end = played(OrderTimeDialect().see("1042"), answer)
    assert (asked[0].request.method, dict(asked[0].request.params), end) == ("GET", {"docNo": "1042"}, seen)
