"""What servers really answer about a mail, and whose trouble it is."""

import pytest

from notifiers.outcome import Cause, Status
from notifiers.smtp_outcome import SmtpFailure, Stage, Trouble, failure_outcome

SENDER, RECIPIENT, CONTENT, LOGIN = Stage.SENDER, Stage.RECIPIENT, Stage.ANSWER, Stage.LOGIN

ADDRESS = (Status.PERMANENT, Cause.RECIPIENT)  # the address is refused: the person's next channel
ADDRESS_LATER = (Status.TEMPORARY, Cause.RECIPIENT)
MAIL = (Status.PERMANENT, Cause.MESSAGE)  # never again on this channel, the address is not blamed
MAIL_LATER = (Status.TEMPORARY, Cause.MESSAGE)
CHANNEL_LATER = (Status.TEMPORARY, Cause.CHANNEL)  # the breaker sees it, the mail is not blamed
CHANNEL_STOPS = (Status.PERMANENT, Cause.CHANNEL)

ANSWERS = [
    # The address. Postfix, Exchange, Gmail, qmail.
    (RECIPIENT, 550, "5.1.1 <u@x.test>: Recipient address rejected: User unknown in mailbox table", ADDRESS),
    (RECIPIENT, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup", ADDRESS),
    (RECIPIENT, 556, "5.1.10 Recipient address has null MX", ADDRESS),
    (RECIPIENT, 550, "5.2.1 The email account that you tried to reach is disabled", ADDRESS),
    (RECIPIENT, 550, "5.4.1 Recipient address rejected: Access denied", ADDRESS),
    (RECIPIENT, 550, "5.7.17 Mailbox owner has changed", ADDRESS),
    (RECIPIENT, 550, "No such user here", ADDRESS),
    (RECIPIENT, 551, "User not local", ADDRESS),
    (RECIPIENT, 553, "mailbox name not allowed", ADDRESS),
    (RECIPIENT, 501, "5.1.3 Bad recipient address syntax", ADDRESS),
    (CONTENT, 550, "5.1.1 no such user, found out late", ADDRESS),
    # For now.
    (RECIPIENT, 450, "4.7.1 <u@x.test>: Recipient address rejected: Greylisted", ADDRESS_LATER),
    (RECIPIENT, 451, "4.7.1 Greylisting in action for client host, please come back later", ADDRESS_LATER),
    (RECIPIENT, 452, "4.2.2 mailbox full", ADDRESS_LATER),
    (RECIPIENT, 552, "5.2.2 The account that you tried to reach is over quota", ADDRESS_LATER),
    (RECIPIENT, 552, "exceeded storage allocation", ADDRESS_LATER),
    (CONTENT, 552, "5.2.2 Mailbox full", ADDRESS_LATER),
    (RECIPIENT, 450, "4.2.1 The user is receiving mail too quickly", ADDRESS_LATER),
    (RECIPIENT, 450, "mailbox busy", ADDRESS_LATER),
    # The mail.
    (SENDER, 552, "5.3.4 Message size exceeds fixed maximum", MAIL),
    (RECIPIENT, 552, "5.3.4 Message too big for system", MAIL),
    (RECIPIENT, 552, "message size exceeds limit", MAIL),
    (CONTENT, 552, "5.2.3 message length exceeds administrative limit", MAIL),
    (CONTENT, 554, "5.6.0 malformed MIME", MAIL),
    (CONTENT, 550, "5.7.1 looks like spam", MAIL),
    (CONTENT, 554, "rejected", MAIL),
    (RECIPIENT, 554, "5.7.1 <u@x.test>: Recipient address rejected: Access denied", MAIL),
    (RECIPIENT, 550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", MAIL),
    (RECIPIENT, 550, "5.7.2 may not write to this list", MAIL),
    (RECIPIENT, 550, "5.7.1 <relay.blacklist@x.test>: not here", MAIL),
    (CONTENT, 451, "4.7.0 later", MAIL_LATER),
    (CONTENT, 450, "later", MAIL_LATER),
    # Who we are, and how their system is.
    (RECIPIENT, 554, "5.7.1 <u@x.test>: Relay access denied", CHANNEL_LATER),
    (RECIPIENT, 454, "4.7.1 <u@x.test>: Relay access denied", CHANNEL_LATER),
    (RECIPIENT, 550, "5.7.1 Unable to relay", CHANNEL_LATER),
    (RECIPIENT, 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain", CHANNEL_LATER),
    (RECIPIENT, 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", CHANNEL_LATER),
    (RECIPIENT, 550, "relaying denied", CHANNEL_LATER),
    (RECIPIENT, 554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen", CHANNEL_LATER),
    (RECIPIENT, 450, "4.7.1 Client host rejected: cannot find your reverse hostname", CHANNEL_LATER),
    (RECIPIENT, 553, "5.7.1 <a@x.test>: Sender address rejected: not owned by user", CHANNEL_LATER),
    (RECIPIENT, 450, "4.1.8 <a@x.test>: Sender address rejected: Domain not found", CHANNEL_LATER),
    (RECIPIENT, 550, "5.7.23 Message rejected due to SPF policy", CHANNEL_LATER),
    (RECIPIENT, 504, "5.5.2 <localhost>: Helo command rejected: need fully-qualified name", CHANNEL_LATER),
    (CONTENT, 550, "5.7.26 This mail is unauthenticated", CHANNEL_LATER),
    (CONTENT, 550, "5.4.5 Daily user sending quota exceeded", CHANNEL_LATER),
    (CONTENT, 451, "4.3.0 queue file write error", CHANNEL_LATER),
    (CONTENT, 452, "4.3.1 Insufficient system storage", CHANNEL_LATER),
    (RECIPIENT, 550, "5.7.606 Access denied, banned sending IP", CHANNEL_LATER),
    (RECIPIENT, 421, "4.7.0 too many connections", CHANNEL_LATER),
    (SENDER, 530, "5.7.0 Authentication required", CHANNEL_LATER),
    (SENDER, 550, "5.7.60 no permission to send as this sender", CHANNEL_LATER),
    (LOGIN, 454, "4.7.0 Temporary authentication failure", CHANNEL_LATER),
    (LOGIN, 535, "4.7.8 try again later", CHANNEL_LATER),
    (LOGIN, 535, "5.7.8 Username and password not accepted", CHANNEL_STOPS),
    (LOGIN, 534, "5.7.9 Application-specific password required", CHANNEL_STOPS),
    (LOGIN, 535, "authentication failed", CHANNEL_STOPS),
]


@pytest.mark.parametrize(("stage", "code", "text", "verdict"), ANSWERS, ids=lambda value: str(value)[:40])
def test_whose_trouble_an_answer_is(
    stage: Stage, code: int, text: str, verdict: tuple[Status, Cause]
) -> None:
    outcome = failure_outcome(SmtpFailure(stage, Trouble.REFUSED, code, text))
    assert (outcome.status, outcome.cause) == verdict
    assert outcome.code == code


@pytest.mark.parametrize("stage", Stage)
def test_no_answer_but_a_refused_login_stops_the_channel(stage: Stage) -> None:
    stopping = set()
    for code in range(400, 600):
        outcome = failure_outcome(SmtpFailure(stage, Trouble.REFUSED, code, "5.7.1 no"))
        assert outcome.status is not Status.UNKNOWN
        if outcome.status is Status.PERMANENT and outcome.cause is Cause.CHANNEL:
            stopping.add(code)
    assert stopping == (set(range(500, 600)) if stage is Stage.LOGIN else set())


@pytest.mark.parametrize("trouble", [each for each in Trouble if each is not Trouble.REFUSED])
@pytest.mark.parametrize("stage", Stage)
def test_without_an_answer_only_a_whole_mail_is_in_doubt(stage: Stage, trouble: Trouble) -> None:
    outcome = failure_outcome(SmtpFailure(stage, trouble))
    if stage is Stage.ANSWER:
        assert (outcome.status, outcome.cause) == (Status.UNKNOWN, None)
    else:
        assert (outcome.status, outcome.cause) == CHANNEL_LATER
