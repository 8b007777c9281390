"""Fold text so that a search ignores accents, capitals and punctuation."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import BooleanField, F, Func

SHORT = 2  # letters


def fold(text: str) -> str:
    """Return a text in lower case, without accents, ligatures nor punctuation."""
    plain = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    decomposed = unicodedata.normalize("NFKD", plain)
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters.lower()))


def index(parts: Iterable[object]) -> str:
    """Return what an operation is found by."""
    return fold(" ".join(str(part) for part in parts if part))


class HasWords(Func):
    """
    Tell whether a word of a folded column begins with each of these, folded too.

    Before the last one, numbers and very short words are taken whole: half of all
    the words begin as the letter of a reference does, and all have its year.
    """

    output_field = BooleanField()

    def __init__(self, column: str, *words: str) -> None:
        super().__init__(F(column))
        self.words = words

    def _wanted(self) -> Iterator[tuple[str, bool]]:
        """Tell of each word whether it is taken whole."""
        *before, last = self.words
        for word in before:
            yield word, word.isdigit() or len(word) <= SHORT
        yield last, False

    def get_group_by_cols(self) -> list[Any]:
        return self.source_expressions[0].get_group_by_cols()

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **context: Any
    ) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        terms = [f"(' ' || {column} || ' ') LIKE %s ESCAPE '!'"] * len(self.words)
        # What \w matches and LIKE does not take for itself.
        wanted = [
            f"% {word.replace('_', '!_')}{' ' if is_whole else ''}%"
            for word, is_whole in self._wanted()
        ]
        values = [value for word in wanted for value in (*params, word)]
        return f"({' AND '.join(terms)})", values

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # The column that PostgreSQL draws from the text, and indexes: a migration
        # adds it, and nothing but this reads it.
        source: Any = self.source_expressions[0]
        table = compiler.quote_name_unless_alias(source.alias)
        wanted = " & ".join(
            f"'{word}'{'' if is_whole else ':*'}" for word, is_whole in self._wanted()
        )
        return f'({table}."search_words" @@ %s::tsquery)', [wanted]
