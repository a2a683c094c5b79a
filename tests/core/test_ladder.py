"""What a credit manager expects of the ladder, case by case."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from odoo.addons.credit_control.core import reasons
from odoo.addons.credit_control.core.items import Debtor, Item, Reached
from odoo.addons.credit_control.core.ladder import (
    DECISION,
    DISPUTE_CLOSED,
    END_OF_MONTH,
    MESSAGE,
    PREVIOUS,
    PROMISE_BROKEN,
    Policy,
    Step,
    decide,
    end_of_month,
    position,
    propose_entry,
    trigger_dates,
)

CENT = 0.01
DUE = date(2025, 1, 1)
FIRST, SECOND, THIRD = Step(1, delay=10), Step(2, delay=30), Step(3, delay=60)
PLAIN = Policy(1, (FIRST, SECOND, THIRD))


def day(number):
    """The day that is ``number`` days after the due day of the usual item."""
    return DUE + timedelta(days=number)


def item(id=1, residual=1000.0, due=DUE, policy=1, **values):
    return Item(id, values.pop("debtor", 7), due, residual, policy=policy, **values)


def plan(items, today, *policies, debtor=None):
    debtors = {debtor.id: debtor} if debtor else {}
    return decide(items, debtors, {policy.id: policy for policy in policies or (PLAIN,)}, today, CENT)


def reason_of(result, id=1):
    (reason,) = [decision.reason for decision in result.decisions if decision.item == id]
    return reason


def steps_of(message):
    return {line.item: line.step for line in message.lines}


# -- the acceptance example ---------------------------------------------------------------

ACCEPTANCE = Policy(1, (Step(1, 10), Step(2, 30, END_OF_MONTH), Step(3, 10, PREVIOUS)))
NOVEMBER, DECEMBER, JANUARY = (
    item(id, due=due) for id, due in enumerate([date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)], 1)
)


def test_the_run_of_30_december_reminds_two_at_the_first_step():
    result = plan([NOVEMBER, DECEMBER, JANUARY], date(2024, 12, 30), ACCEPTANCE)
    (message,) = result.messages
    assert steps_of(message) == {1: 1, 2: 1}
    assert message.amount == 2000.0
    assert reason_of(result, 3) == reasons.NOT_DUE


def test_30_january_gives_second_second_first_in_one_message():
    left = (Reached(1, date(2024, 12, 30)),)
    items = [replace(NOVEMBER, reached=left), replace(DECEMBER, reached=left), JANUARY]
    (message,) = plan(items, date(2025, 1, 30), ACCEPTANCE).messages
    assert steps_of(message) == {1: 2, 2: 2, 3: 1}
    assert message.step == 2, "the highest level picks the text"


def test_the_second_of_the_item_due_1_december_is_due_on_31_december():
    reminded = replace(DECEMBER, reached=(Reached(1, date(2024, 12, 11)),))
    before = position(reminded, ACCEPTANCE, date(2024, 12, 30))
    assert (before.reason, before.next_date) == (reasons.STEP_NOT_REACHED, date(2024, 12, 31))
    assert position(reminded, ACCEPTANCE, date(2024, 12, 31)).step == 2


def test_the_third_counts_from_the_day_the_second_left():
    reached = (Reached(1, date(2024, 12, 11)), Reached(2, date(2025, 1, 15)))
    reminded = replace(DECEMBER, reached=reached)
    assert position(reminded, ACCEPTANCE, date(2025, 1, 24)).next_date == date(2025, 1, 25)
    assert position(reminded, ACCEPTANCE, date(2025, 1, 25)).step == 3


# -- trigger days -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "step", "trigger"),
    [
        (date(2025, 1, 31), Step(1, 0), date(2025, 1, 31)),
        (date(2025, 1, 31), Step(1, 1), date(2025, 2, 1)),
        (date(2024, 1, 31), Step(1, 30), date(2024, 3, 1)),
        (date(2025, 1, 31), Step(1, 30), date(2025, 3, 2)),
        (date(2025, 3, 10), Step(1, -5), date(2025, 3, 5)),
        (date(2024, 1, 31), Step(1, 0, END_OF_MONTH), date(2024, 1, 31)),
        (date(2024, 1, 31), Step(1, 1, END_OF_MONTH), date(2024, 2, 29)),
        (date(2025, 1, 31), Step(1, 1, END_OF_MONTH), date(2025, 2, 28)),
        (date(2024, 12, 1), Step(1, 30, END_OF_MONTH), date(2024, 12, 31)),
        (date(2024, 12, 2), Step(1, 30, END_OF_MONTH), date(2025, 1, 31)),
        (date(2025, 3, 10), Step(1, 10, PREVIOUS), date(2025, 3, 20)),
    ],
)
def test_the_day_of_a_first_step(due, step, trigger):
    assert trigger_dates(item(due=due), Policy(1, (step,))) == [trigger]


def test_month_ends():
    assert end_of_month(date(2024, 2, 29)) == date(2024, 2, 29)
    assert end_of_month(date(2100, 2, 1)) == date(2100, 2, 28)
    assert end_of_month(date(2024, 12, 31)) == date(2024, 12, 31)


def test_a_chain_that_never_left_counts_from_the_days_it_should_have():
    chain = Policy(1, (Step(1, 10), Step(2, 5, PREVIOUS), Step(3, 5, PREVIOUS)))
    assert trigger_dates(item(), chain) == [day(10), day(15), day(20)]
    assert trigger_dates(item(reached=(Reached(1, day(40)),)), chain) == [day(10), day(45), day(50)]


def test_a_reminder_comes_on_its_day_or_later_never_before():
    assert position(item(), PLAIN, day(9)).next_date == day(10)
    for number in (10, 11, 500):
        assert position(item(), PLAIN, day(number)).step == 1


# -- order ---------------------------------------------------------------------------------


def test_missed_steps_are_caught_up_in_order():
    """Fifty days late and never reminded: the friendly first one first, then the second."""
    assert position(item(), PLAIN, day(70)).step == 1
    assert position(item(reached=(Reached(1, day(70)),)), PLAIN, day(71)).step == 2
    assert position(item(reached=(Reached(1, day(70)), Reached(2, day(71)))), PLAIN, day(72)).step == 3


def test_the_ladder_ends_after_its_last_step():
    reached = tuple(Reached(number, day(10 * number)) for number in (1, 2, 3))
    assert position(item(reached=reached), PLAIN, day(400)).reason == reasons.LADDER_ENDED


def test_a_lower_step_that_never_left_is_not_taken_up_after_a_higher_one():
    assert position(item(reached=(Reached(2, day(30)),)), PLAIN, day(31)).next_date == day(60)


def test_a_new_invoice_does_not_inherit_the_level_of_an_old_one():
    old = item(1, reached=(Reached(1, day(-50)), Reached(2, day(-30))), due=day(-60))
    (message,) = plan([old, item(2)], day(10)).messages
    assert steps_of(message) == {1: 3, 2: 1}
    assert message.step == 3


def test_instalments_of_one_invoice_each_have_their_own_level():
    first, second = item(1, reached=(Reached(1, day(10)),)), item(2, due=day(30))
    (message,) = plan([first, second], day(40)).messages
    assert steps_of(message) == {1: 2, 2: 1}


def test_a_step_taken_out_of_the_policy_does_not_send_the_item_back():
    shorter = Policy(1, (FIRST, THIRD))
    reminded = item(reached=(Reached(1, day(10)), Reached(2, day(30))))
    assert position(reminded, shorter, day(59)).next_date == day(60)


# -- courtesy ------------------------------------------------------------------------------

COURTEOUS = Policy(1, (Step(9, delay=-5), FIRST, SECOND))


def test_a_courtesy_speaks_before_the_due_day_and_until_it():
    assert position(item(), COURTEOUS, day(-6)).reason == reasons.NOT_DUE
    assert position(item(), COURTEOUS, day(-6)).next_date == day(-5)
    assert position(item(), COURTEOUS, day(-5)).step == 9
    assert position(item(), COURTEOUS, day(0)).step == 9


def test_a_missed_courtesy_is_left_out_once_the_item_is_late():
    assert position(item(), COURTEOUS, day(1)).next_date == day(10)
    assert position(item(), COURTEOUS, day(10)).step == 1


def test_an_item_that_is_not_due_is_not_shown_beside_late_ones():
    late, young = item(1), item(2, due=day(40))
    (message,) = plan([late, young], day(10)).messages
    assert steps_of(message) == {1: 1}


# -- repeats -------------------------------------------------------------------------------

REPEATING = Policy(1, (Step(1, delay=10, repeat_days=7, repeat_max=2), Step(2, delay=60)))


def test_a_step_is_repeated_up_to_its_cap():
    reached = [Reached(1, day(10))]
    for occurrence, number in ((2, 17), (3, 24)):
        assert position(item(reached=tuple(reached)), REPEATING, day(number - 1)).next_date == day(number)
        where = position(item(reached=tuple(reached)), REPEATING, day(number))
        assert (where.step, where.occurrence) == (1, occurrence)
        reached.append(Reached(1, day(number), occurrence))
    assert position(item(reached=tuple(reached)), REPEATING, day(59)).next_date == day(60)


def test_a_repeat_counts_from_the_day_the_last_one_left():
    late = item(reached=(Reached(1, day(12)), Reached(1, day(30), 2)))
    assert position(late, REPEATING, day(36)).next_date == day(37)


def test_the_next_step_goes_before_a_repeat_that_is_due_too():
    where = position(item(reached=(Reached(1, day(55)),)), REPEATING, day(62))
    assert (where.step, where.occurrence) == (2, 1)


def test_repeats_of_a_step_end_with_the_next_one():
    reached = (Reached(1, day(55)), Reached(2, day(60)))
    assert position(item(reached=reached), REPEATING, day(300)).reason == reasons.LADDER_ENDED


def test_a_step_that_left_through_two_channels_left_once():
    """E-mail on one day, the letter three days later: one occurrence, repeated from the letter on."""
    both = item(reached=(Reached(1, day(10)), Reached(1, day(13))))
    assert position(both, REPEATING, day(19)).next_date == day(20)
    assert position(both, REPEATING, day(20)).occurrence == 2
    third = replace(both, reached=(*both.reached, Reached(1, day(20), 2), Reached(1, day(20), 2)))
    assert position(third, REPEATING, day(27)).occurrence == 3


def test_each_step_of_an_item_has_a_day_of_its_own():
    """On day 300 all three are due; without an interval each leaves on a day of its own."""
    first = item(reached=(Reached(1, day(300)),))
    where = position(first, PLAIN, day(300))
    assert (where.reason, where.next_date) == (reasons.STEP_NOT_REACHED, day(301))
    assert position(first, PLAIN, day(301)).step == 2
    second = replace(first, reached=(*first.reached, Reached(2, day(301))))
    assert position(second, PLAIN, day(301)).next_date == day(302)


def test_without_a_cap_nothing_is_repeated():
    once = Policy(1, (Step(1, delay=10, repeat_days=7, repeat_max=0),))
    assert position(item(reached=(Reached(1, day(10)),)), once, day(300)).reason == reasons.LADDER_ENDED


# -- events --------------------------------------------------------------------------------

EVENTFUL = Policy(
    1,
    (FIRST, SECOND, THIRD, Step(8, delay=2, basis=PROMISE_BROKEN), Step(9, delay=0, basis=DISPUTE_CLOSED)),
)


def test_a_broken_promise_is_answered_once():
    broken = item(events={PROMISE_BROKEN: day(20)}, reached=(Reached(1, day(10)),))
    assert position(broken, EVENTFUL, day(21)).next_date == day(22)
    assert position(broken, EVENTFUL, day(22)).step == 8
    answered = replace(broken, reached=(*broken.reached, Reached(8, day(23))))
    assert position(answered, EVENTFUL, day(24)).next_date == day(30)
    assert position(answered, EVENTFUL, day(30)).step == 2, "the ladder goes on where it was"


def test_a_second_broken_promise_is_answered_again():
    reached = (Reached(1, day(10)), Reached(8, day(22)))
    again = item(events={PROMISE_BROKEN: day(25)}, reached=reached)
    assert position(again, EVENTFUL, day(26)).step is None
    where = position(again, EVENTFUL, day(27))
    assert (where.step, where.occurrence) == (8, 2)


def test_the_event_goes_before_the_ladder():
    assert position(item(events={DISPUTE_CLOSED: day(30)}), EVENTFUL, day(30)).step == 9


def test_an_event_to_come_is_no_end_of_the_ladder():
    reached = tuple(Reached(number, day(10 * number)) for number in (1, 2, 3))
    broken = item(events={PROMISE_BROKEN: day(90)}, reached=reached)
    where = position(broken, EVENTFUL, day(91))
    assert (where.reason, where.next_date) == (reasons.STEP_NOT_REACHED, day(92))


def test_an_event_of_long_ago_is_not_taken_up_when_its_step_is_added():
    reached = (Reached(1, day(10)), Reached(2, day(30)))
    assert position(item(events={PROMISE_BROKEN: day(15)}, reached=reached), EVENTFUL, day(61)).step == 3


def test_an_answer_on_the_day_itself_is_an_answer():
    answered = item(events={DISPUTE_CLOSED: day(20)}, reached=(Reached(1, day(10)), Reached(9, day(20))))
    assert position(answered, EVENTFUL, day(21)).next_date == day(30)


def test_a_reminder_of_that_same_day_is_none():
    reminded = item(events={DISPUTE_CLOSED: day(30)}, reached=(Reached(2, day(30)),))
    assert position(reminded, EVENTFUL, day(31)).step == 9


def test_two_answers_to_one_event_both_leave():
    policy = Policy(1, (FIRST, Step(8, 0, PROMISE_BROKEN), Step(9, 5, PROMISE_BROKEN)))
    broken = item(events={PROMISE_BROKEN: day(20)}, reached=(Reached(1, day(10)),))
    late = replace(broken, reached=(*broken.reached, Reached(8, day(30))))
    assert position(broken, policy, day(30)).step == 8
    assert position(late, policy, day(31)).step == 9


# -- decisions -----------------------------------------------------------------------------

DECIDING = Policy(1, (FIRST, Step(5, delay=90, kind=DECISION)), minimum=0.0, interval=7)


def test_a_decision_is_asked_of_a_person_and_is_no_contact():
    reminded = item(reached=(Reached(1, day(10)),))
    result = plan([reminded], day(90), DECIDING, debtor=Debtor(7, last_contact=day(89)))
    (message,) = result.messages
    assert (message.kind, message.step, reason_of(result)) == (DECISION, 5, reasons.DECIDE)


def test_a_decision_and_a_reminder_of_the_same_customer_are_two_things():
    old, young = item(1, reached=(Reached(1, day(10)),)), item(2, due=day(80), residual=50.0)
    result = plan([old, young], day(90), DECIDING)
    reminder, decision = sorted(result.messages, key=lambda message: message.kind, reverse=True)
    assert (reminder.kind, steps_of(reminder), reminder.amount) == (MESSAGE, {1: None, 2: 1}, 1050.0)
    assert (decision.kind, steps_of(decision), decision.amount) == (DECISION, {1: 5}, 1000.0)


def test_after_the_decision_the_ladder_goes_on():
    policy = Policy(1, (FIRST, Step(5, delay=90, kind=DECISION), Step(6, delay=15, basis=PREVIOUS)))
    decided = item(reached=(Reached(1, day(10)), Reached(5, day(95))))
    assert position(decided, policy, day(109)).next_date == day(110)
    assert position(decided, policy, day(110)).step == 6


# -- holds ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", [reasons.DISPUTED, reasons.PAUSED, reasons.COLLECTED, reasons.NO_FOLLOWUP, "export_ban"]
)
def test_a_held_item_is_neither_reminded_nor_shown(code):
    result = plan([item(1, holds=frozenset({code})), item(2, residual=50.0)], day(10))
    (message,) = result.messages
    assert (steps_of(message), message.amount) == ({2: 1}, 50.0)
    assert reason_of(result, 1) == code


def test_the_leading_reason_is_told():
    assert position(item(holds=frozenset({reasons.PAUSED, reasons.LITIGATION})), PLAIN, day(99)).reason == "litigation"


def test_a_partly_disputed_item_is_claimed_for_the_rest():
    (message,) = plan([item(disputed=400.0)], day(10)).messages
    assert message.amount == 600.0
    assert [line.amount for line in message.lines] == [600.0]


def test_a_wholly_disputed_or_promised_item_says_so():
    assert position(item(disputed=1000.0), PLAIN, day(10)).reason == reasons.DISPUTED
    assert position(item(promised=1000.0), PLAIN, day(10)).reason == reasons.PROMISED
    assert position(item(disputed=600.0, promised=400.0), PLAIN, day(10)).reason == reasons.DISPUTED


def test_an_item_of_nothing_is_settled_and_no_credit():
    result = plan([item(1, residual=0.0), item(2)], day(10))
    assert reason_of(result, 1) == reasons.SETTLED
    assert result.messages[0].credits == ()


def test_an_item_without_policy_says_so():
    assert reason_of(plan([item(policy=None)], day(10))) == reasons.POLICY_NONE
    assert reason_of(plan([item(policy=99)], day(10))) == reasons.POLICY_NONE


def test_a_policy_without_steps_reminds_nobody():
    result = plan([item()], day(10), Policy(1, ()))
    assert (result.messages, reason_of(result)) == ([], reasons.LADDER_ENDED)


def test_what_is_on_its_way_holds_the_next():
    result = plan([item()], day(10), debtor=Debtor(7, pending=True))
    assert (result.messages, reason_of(result)) == ([], reasons.IN_PROGRESS)


# -- the customer as a whole -----------------------------------------------------------------


def test_the_minimum_is_of_the_message_not_of_the_item():
    policy = replace(PLAIN, minimum=100.0)
    assert reason_of(plan([item(residual=99.99)], day(10), policy)) == reasons.BELOW_MINIMUM
    assert plan([item(residual=100.0)], day(10), policy).messages
    assert plan([item(1, residual=60.0), item(2, residual=40.0)], day(10), policy).messages


def test_a_sum_that_is_the_minimum_to_the_cent_is_enough():
    parts = [item(number, residual=0.1) for number in range(10)]
    assert plan(parts, day(10), replace(PLAIN, minimum=1.0)).messages


def test_the_minimum_counts_what_is_shown_and_set_off():
    policy = replace(PLAIN, minimum=100.0)
    waiting = item(2, residual=80.0, reached=(Reached(1, day(5)),))
    assert plan([item(1, residual=30.0), waiting], day(10), policy).messages
    credit = item(3, residual=-20.0)
    assert reason_of(plan([item(1, residual=30.0), waiting, credit], day(10), policy)) == reasons.BELOW_MINIMUM


def test_the_ceiling_asks_for_a_look():
    policy = replace(PLAIN, ceiling=1000.0)
    assert not plan([item(residual=1000.0)], day(10), policy).messages[0].above_ceiling
    assert plan([item(residual=1000.01)], day(10), policy).messages[0].above_ceiling
    assert not plan([item(residual=1e9)], day(10), PLAIN).messages[0].above_ceiling


def test_a_credit_note_is_shown_and_set_off():
    """Credit note 400 against 1 000: both shown, 600 asked."""
    (message,) = plan([item(1), item(2, residual=-400.0)], day(10)).messages
    assert message.amount == 600.0
    assert [(line.item, line.amount) for line in message.lines] == [(1, 1000.0)]
    assert [(line.item, line.amount) for line in message.credits] == [(2, -400.0)]


@pytest.mark.parametrize("credit", [-1000.0, -1500.0])
def test_a_credit_that_covers_all_reminds_of_nothing(credit):
    result = plan([item(1), item(2, residual=credit)], day(10))
    assert (result.messages, reason_of(result)) == ([], reasons.UNALLOCATED_CREDIT)


def test_a_credit_note_due_later_is_set_off_all_the_same():
    (message,) = plan([item(1), item(2, residual=-400.0, due=day(60))], day(10)).messages
    assert message.amount == 600.0


def test_a_deposit_that_is_not_trade_is_not_set_off():
    deposit = item(2, residual=-400.0, holds=frozenset({reasons.NOT_TRADE}))
    (message,) = plan([item(1), deposit], day(10)).messages
    assert (message.amount, message.credits) == (1000.0, ())


def test_a_customer_with_nothing_but_credits_hears_nothing():
    result = plan([item(1, residual=-10.0)], day(10))
    assert (result.messages, result.decisions) == ([], [])


def test_the_interval_between_two_contacts_is_kept():
    policy = replace(PLAIN, interval=7)
    result = plan([item()], day(10), policy, debtor=Debtor(7, last_contact=day(4)))
    (decision,) = result.decisions
    assert (decision.reason, decision.next_date) == (reasons.TOO_SOON, day(11))
    assert plan([item()], day(11), policy, debtor=Debtor(7, last_contact=day(4))).messages


def test_customers_do_not_see_each_others_items():
    result = plan([item(1, debtor=7), item(2, debtor=8), item(3, debtor=8, residual=-5000.0)], day(10))
    (message,) = result.messages
    assert (message.debtor, message.amount, reason_of(result, 2)) == (7, 1000.0, reasons.UNALLOCATED_CREDIT)


# -- two policies for one customer -------------------------------------------------------------

OTHER = Policy(2, (Step(21, delay=10), Step(22, delay=30)))


def test_each_policy_has_its_message():
    result = plan([item(1), item(2, policy=2)], day(10), PLAIN, OTHER)
    assert {message.policy: steps_of(message) for message in result.messages} == {1: {1: 1}, 2: {2: 21}}


def test_two_policies_keep_the_interval_between_them():
    """The customer hears the weightier one today; the other waits its turn, and says until when."""
    weekly, other = replace(PLAIN, interval=7), replace(OTHER, interval=7)
    result = plan([item(1, residual=10.0), item(2, policy=2)], day(10), weekly, other)
    (message,) = result.messages
    assert message.policy == 2
    (waiting,) = [decision for decision in result.decisions if decision.item == 1]
    assert (waiting.reason, waiting.next_date) == (reasons.TOO_SOON, day(17))


def test_credits_are_set_off_once_and_what_is_left_serves_the_other_policy():
    """1 000 + 500 claimed, 1 200 credited: 300 is owed, and no more is asked."""
    result = plan([item(1), item(2, residual=500.0, policy=2), item(3, residual=-1200.0)], day(10), PLAIN, OTHER)
    (message,) = result.messages
    assert (message.policy, message.amount) == (2, 300.0)
    assert [(line.item, line.amount) for line in message.credits] == [(3, -200.0)]
    assert reason_of(result, 1) == reasons.UNALLOCATED_CREDIT


def test_credits_used_up_by_one_policy_are_not_shown_by_the_other():
    result = plan([item(1), item(2, residual=500.0, policy=2), item(3, residual=-400.0)], day(10), PLAIN, OTHER)
    assert {message.policy: message.amount for message in result.messages} == {1: 600.0, 2: 500.0}


# -- change of policy ----------------------------------------------------------------------------


def test_a_message_of_the_former_policy_stands_for_the_first_of_this_one():
    moved = item(policy=2, reached=(Reached(1, day(12)),))
    assert position(moved, OTHER, day(29)).next_date == day(30)
    assert position(moved, OTHER, day(30)).step == 22


def test_a_message_on_the_very_day_of_a_step_stands_for_it():
    assert position(item(policy=2, reached=(Reached(1, day(10)),)), OTHER, day(29)).next_date == day(30)


def test_one_late_message_of_the_former_policy_does_not_stand_for_the_whole_ladder():
    """A single friendly reminder on day 100: the strict policy goes on with its second, then its third."""
    moved = item(policy=1, reached=(Reached(21, day(100)),))
    assert position(moved, PLAIN, day(101)).step == 2
    assert position(replace(moved, reached=(*moved.reached, Reached(2, day(107)))), PLAIN, day(114)).step == 3


def test_a_step_after_the_change_counts_from_the_message_that_was_heard():
    chain = Policy(1, (Step(1, 10), Step(2, 10, PREVIOUS)))
    moved = item(policy=1, reached=(Reached(21, day(50)),))
    assert position(moved, chain, day(59)).next_date == day(60)


def test_early_messages_do_not_stand_for_steps_that_were_not_due():
    moved = item(policy=1, reached=(Reached(21, day(2)), Reached(22, day(5))))
    assert position(moved, PLAIN, day(10)).step == 1


def test_no_message_stands_for_a_decision():
    moved = item(policy=1, reached=(Reached(21, day(95)), Reached(22, day(100))))
    assert position(moved, DECIDING, day(101)).step == 5


def test_going_back_to_a_policy_does_not_go_down():
    """First reminder here, two by the other policy, back again: the third is next, not the second."""
    back = item(policy=1, reached=(Reached(1, day(10)), Reached(21, day(35)), Reached(22, day(55))))
    assert position(back, PLAIN, day(59)).next_date == day(60)


def test_a_courtesy_of_the_former_policy_is_no_reminder():
    moved = item(policy=1, reached=(Reached(31, day(-3)),))
    assert position(moved, PLAIN, day(10)).step == 1


def test_a_courtesy_that_left_on_the_due_day_is_none_either():
    at_once = Policy(1, (Step(1, delay=0), SECOND))
    assert position(item(policy=1, reached=(Reached(31, day(0)),)), at_once, day(1)).step == 1


# -- entry by age --------------------------------------------------------------------------------


def test_an_old_debt_enters_at_the_step_of_its_age():
    assert propose_entry(item(), PLAIN, day(29)) is None
    assert propose_entry(item(), PLAIN, day(30)) == 2
    assert propose_entry(item(), PLAIN, day(730)) == 3


def test_an_item_that_was_reminded_or_has_entered_is_left_alone():
    assert propose_entry(item(reached=(Reached(1, day(10)),)), PLAIN, day(730)) is None
    assert propose_entry(item(entry=2), PLAIN, day(730)) is None


def test_the_entry_is_a_message_never_a_decision_nor_a_courtesy():
    policy = Policy(1, (Step(9, delay=-5), FIRST, SECOND, Step(5, delay=90, kind=DECISION)))
    assert propose_entry(item(), policy, day(-1)) is None
    assert propose_entry(item(), policy, day(15)) is None
    assert propose_entry(item(), policy, day(730)) == 2


def test_the_ladder_begins_at_the_entry_and_goes_on_from_there():
    entered = item(entry=2)
    assert position(entered, PLAIN, day(730)).step == 2
    assert position(replace(entered, reached=(Reached(2, day(730)),)), PLAIN, day(737)).step == 3


def test_an_entry_below_what_was_reached_does_not_go_down():
    assert position(item(entry=2, reached=(Reached(3, day(70)),)), PLAIN, day(80)).reason == reasons.LADDER_ENDED


def test_a_failed_first_message_after_entry_is_repeated_at_the_entry():
    assert position(item(entry=3), PLAIN, day(800)).step == 3


def test_a_step_that_has_gone_is_no_entry():
    assert position(item(entry=77), PLAIN, day(800)).step == 1
