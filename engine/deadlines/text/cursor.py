"""A place in the tokens that the rules of the grammar move forward, and back when they fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine.deadlines.problems import Unreadable
from engine.deadlines.text.lexer import Kind, Token
from engine.deadlines.text.words import DIGITS, ROMAN, Phrases

_Found = TypeVar("_Found")


class Cursor:
    """Reads tokens one after the other. A rule that fails resets ``position`` and returns None."""

    __slots__ = ("position", "text", "tokens")

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def ahead(self, distance: int = 1) -> Token:
        """The token ``distance`` further on; the END token past the end."""
        place = self.position + distance
        return self.tokens[place] if place < len(self.tokens) else self.tokens[-1]

    @property
    def ended(self) -> bool:
        return self.tokens[self.position].kind is Kind.END

    def at(self, *words: str) -> bool:
        return self.tokens[self.position].word in words

    def take(self, *words: str) -> bool:
        """Steps over the next token if it is one of ``words``."""
        if self.tokens[self.position].word in words and not self.ended:
            self.position += 1
            return True
        return False

    def sequence(self, *words: str) -> bool:
        """Steps over exactly these syllables, or over nothing."""
        tokens, place = self.tokens, self.position
        if place + len(words) >= len(tokens):
            return False
        for offset, word in enumerate(words):
            if tokens[place + offset].word != word:
                return False
        self.position = place + len(words)
        return True

    def phrase(self, phrases: Phrases) -> str:
        """Steps over the longest of the phrases; empty when none stands here."""
        for syllables in phrases.by_first.get(self.token.word, ()):
            if self.sequence(*syllables):
                return " ".join(syllables)
        return ""

    def span_from(self, first: int) -> tuple[int, int]:
        """From the start of the token ``first`` to the end of the last one read."""
        return self.tokens[first].start, self.tokens[self.position - 1].end

    @property
    def at_number(self) -> bool:
        """Whether a number in digits or a Roman quarter stands here: "tháng 5", "quý IV" name one period."""
        return self.token.kind is Kind.NUMBER or self.token.word in ("i", "ii", "iii", "iv")

    def first_of(self, *rules: Callable[[Cursor], _Found | None]) -> _Found | None:
        """What the first rule that reads anything makes of it; None, with nothing read, where none does."""
        before = self.position
        for rule in rules:
            found = rule(self)
            if found is not None:
                return found
            self.position = before
        return None

    def number(self, *, roman: bool = False, words: bool = True) -> int | None:
        """A number in digits (spelled out again in brackets or not), in letters, or Roman."""
        token = self.token
        if token.kind is Kind.NUMBER:
            self.position += 1
            self._spelled_again(token)
            return token.value
        if token.kind is Kind.WORD:
            if roman and token.word in ROMAN:
                self.position += 1
                return ROMAN[token.word]
            if words and token.word != "năm":
                return self.number_words()
        return None

    def number_words(self) -> int | None:
        """ "hai mươi lăm" → 25; "năm" alone is 5, so call this only where it cannot mean year."""
        first = self.token.word
        if first == "mười":
            self.position += 1
            return 10 + self._digit_word()
        if first not in DIGITS or first in ("mốt", "lăm", "nhăm"):
            return None
        self.position += 1
        if self.take("mươi"):
            return DIGITS[first] * 10 + self._digit_word()
        return DIGITS[first]

    def _digit_word(self) -> int:
        word = self.token.word
        if word in DIGITS and not (word == "năm" and self.ahead().kind is Kind.NUMBER):
            self.position += 1
            return DIGITS[word]
        return 0

    def _spelled_again(self, number: Token) -> None:
        """Steps over "(hai mươi lăm)" after 25; refuses another number in the brackets."""
        before = self.position
        if not self.take("("):
            return
        spelled = self.number_words()
        if spelled is None or not self.take(")"):
            self.position = before
            return
        if spelled != number.value:
            raise Unreadable(
                "number-words-differ",
                f"Số “{number.word}” và chữ trong ngoặc (= {spelled}) không khớp nhau.",
                "Hãy kiểm tra lại văn bản và sửa cho số và chữ giống nhau.",
                (number.start, self.tokens[self.position - 1].end),
            )
