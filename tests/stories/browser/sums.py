"""The ranking again, from what was typed and from the prices: exact, rounded half-up once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.stories.browser.expert import Cell
from tests.stories.office import BIDDERS


@dataclass(frozen=True)
class Line:
    """A bidder's place with its figures as printed."""

    rank: int
    name: str
    bid: str
    mean: str
    price: str
    total: str

    @property
    def on_the_page(self) -> list[str]:
        """The cells of the page's table; the third is a drawing, thousands have a thin gap."""
        bid = self.bid.replace(",", "\N{THIN SPACE}")
        return [str(self.rank), self.name, "", self.mean, self.price, self.total, bid]

    @property
    def in_the_report(self) -> str:
        """The row of the report's table without white space."""
        row = f"{self.rank}{self.name}{self.bid}{self.mean}{self.price}{self.total}"
        return "".join(row.split())


def ranked(sheets: Sequence[Mapping[Cell, Fraction]], weight: int) -> list[Line]:
    """Means, price scores and totals, best first.

    Price score: lowest price / price x weight (87号令 art. 55). No two totals of the story
    are equal, so nothing is said about ties here.
    """
    lowest = min(fen for *_, fen in BIDDERS)
    found = []
    for at, (_, name, _, fen) in enumerate(BIDDERS):
        given = [sum(v for (bidder, _), v in one.items() if bidder == at) for one in sheets]
        mean = Fraction(sum(given), len(given))
        price = Fraction(lowest, fen) * weight
        found.append((mean + price, name, fen, mean, price))
    found.sort(reverse=True)
    assert len({two_digits(total) for total, *_ in found}) == len(found)
    return [
        Line(rank, name, yuan(fen), two_digits(mean), two_digits(price), two_digits(total))
        for rank, (total, name, fen, mean, price) in enumerate(found, 1)
    ]


def two_digits(value: Fraction) -> str:
    """Two digits, half-up, without asking `evaluation_room` how."""
    hundredths = int(value * 100 + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def yuan(fen: int) -> str:
    """Fen as yuan with thousands separated."""
    return f"{fen // 100:,}.{fen % 100:02d}"
