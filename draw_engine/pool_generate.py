"""Generated experts for demonstration and tests: nobody, and marked as nobody everywhere.

The same count, seed and day give the same people on every machine: the chance is a counter
through SHA-256, because streams of libraries change between builds. It makes demonstration
data and never a draw.

How a generated person shows:
- the name ends in （生成）, the row and the sealed record carry `generated`;
- the identity number is well-formed (real county, real date, right check digit), but its
  sequence is 996 to 999, which GB 11643 keeps for people over a hundred, on a birth date
  that says otherwise;
- the telephone begins with 154, a block given to no operator at the time of writing; one
  list never holds a telephone twice, and two lists begin at different places of the block;
- the credit code's organisation part begins with GEN.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Final, TypeVar

from stdnum.cn import ric, uscc

from classification.service import ClassificationService
from draw_engine.core.pool_record import TITLES, PoolRecord

T = TypeVar("T")

MARK: Final = "（生成）"
PHONE_BLOCK: Final = "154"
PHONES: Final = 10**8
SEQUENCES: Final = ("996", "997", "998", "999")
ORGANISATION_MARK: Final = "GEN"

# One character each. The last of the given ones are outside the oldest character sets on purpose.
SURNAMES: Final = (
    "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方袁䶮"
)
GIVEN: Final = (
    "文明安平宁远志成建国庆华春秋山川江河海林森松柏梅兰竹菊雪晨光辉思源博雅承泽景行嘉禾翊昱珩珺㛃𠮷"
)

TITLE_WEIGHTS: Final = (60, 34, 6)
INDUSTRIES: Final = ("建设", "勘测设计", "工程咨询", "水务", "交通", "信息技术", "医疗器械", "环境")
KINDS: Final = ("有限公司", "研究院", "中心")
_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


class Chance:
    """Numbers from SHA-256 over a label and a counter; for generated data only."""

    def __init__(self, label: str) -> None:
        self._label = label.encode()
        self._words = self._stream()

    def below(self, n: int) -> int:
        """A number in [0, n); the bias of 64 bits is nothing here."""
        return next(self._words) % n

    def one_of(self, choices: Sequence[T]) -> T:
        """One of `choices`, each equally likely."""
        return choices[self.below(len(choices))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in another order."""
        return [item for _, item in sorted((next(self._words), item) for item in items)]

    def _stream(self) -> Iterator[int]:
        counter = 0
        while True:
            block = hashlib.sha256(self._label + counter.to_bytes(8, "big")).digest()
            yield from (int.from_bytes(block[at : at + 8], "big") for at in (0, 8, 16, 24))
            counter += 1


class Weighted:
    """Draws positions with given integer weights."""

    def __init__(self, weights: Sequence[int]) -> None:
        self._sums = list(accumulate(weights))

    def pick(self, chance: Chance) -> int:
        """A position; likely in proportion to its weight."""
        return bisect_right(self._sums, chance.below(self._sums[-1]))


def zipf(n: int, exponent: float, shift: int) -> Weighted:
    """Weights 1/(rank + shift)^exponent: a few very common, most rare."""
    return Weighted([1 + int(1e9 / (rank + shift) ** exponent) for rank in range(1, n + 1)])


@dataclass(frozen=True, slots=True)
class _Employer:
    name: str
    code: str
    group: str
    region: str


def generate(
    classification: ClassificationService, experts: int, seed: int, today: date
) -> Iterator[PoolRecord]:
    """`experts` records, the same for the same arguments.

    Specialties and employers follow a Zipf-like law: some classes are ample, many have
    fewer than ten people. All provinces with counties occur.

    Args:
        seed: any integer; 0 is a seed like another.
        today: appointments end after it, about one in fifty before it.
    """
    label = f"expert-draw/generated/{seed}/{experts}/"
    chance, first = Chance(label), Chance(f"{label}phones/").below(PHONES)
    standard = classification.catalogue
    leaves = [line.code.code for line in standard if standard.is_leaf(line.code)]
    leaves = chance.shuffled(leaves)
    counties = [region.code for region in classification.regions.within(3)]
    provinces = sorted({county[:2] + "0000" for county in counties})
    codes, employers = zipf(len(leaves), 1.25, 6), _employers(chance, provinces, experts)
    places, who = zipf(len(provinces), 0.6, 3), zipf(len(employers), 0.7, 10)
    provinces = chance.shuffled(provinces)
    titles, taken = Weighted(TITLE_WEIGHTS), set[str]()
    for number in range(experts):
        employer = employers[who.pick(chance)]
        # Two in three live where their employer is registered.
        region = employer.region if chance.below(3) else provinces[places.pick(chance)]
        yield PoolRecord(
            name=_name(chance),
            id_number=_identity(chance, counties, taken),
            phone=f"{PHONE_BLOCK}{(first + number) % PHONES:08d}",
            employer=employer.name,
            unified_credit_code=employer.code,
            group_credit_code=employer.group if employer.group != employer.code else "",
            region=region,
            title=TITLES[titles.pick(chance)],
            codes=_specialties(chance, leaves, codes),
            valid_to=_valid_to(chance, today),
            generated=True,
        )


def credit_code(region: str, serial: int) -> str:
    """A unified credit code, both check digits right, marked GEN; `region` has six digits."""
    body = f"{ORGANISATION_MARK}{serial:05d}"
    total = sum(
        _CREDIT_ALPHABET.index(letter) * weight
        for letter, weight in zip(body, _INNER_WEIGHTS, strict=True)
    )
    inner = 11 - total % 11
    number = f"91{region}{body}{'X' if inner == 10 else '0' if inner == 11 else inner}"
    return number + str(uscc.calc_check_digit(number))


def _employers(chance: Chance, provinces: Sequence[str], experts: int) -> list[_Employer]:
    """About one employer to twelve experts, at least 40; every third starts or joins a group."""
    made: list[_Employer] = []
    for serial in range(max(40, experts // 12)):
        region = provinces[chance.below(len(provinces))]
        code = credit_code(region, serial)
        group = code
        if serial % 3 == 2:
            group = made[3 * chance.below(serial // 3 + 1)].code
        word = chance.one_of(GIVEN[:40]) + chance.one_of(GIVEN[:40])
        name = f"{word}{chance.one_of(INDUSTRIES)}{chance.one_of(KINDS)}{serial:05d}{MARK}"
        made.append(_Employer(name, code, group, region))
    return made


def _name(chance: Chance) -> str:
    given = "".join(chance.one_of(GIVEN) for _ in range(1 + chance.below(2)))
    return f"{chance.one_of(SURNAMES)}{given}{MARK}"


def _identity(chance: Chance, counties: Sequence[str], taken: set[str]) -> str:
    while True:
        born = date(1958, 1, 1) + timedelta(days=chance.below(30 * 365))
        number = f"{chance.one_of(counties)}{born:%Y%m%d}{chance.one_of(SEQUENCES)}"
        number += ric.calc_check_digit(number + "0")
        if number not in taken:
            taken.add(number)
            return number


def _specialties(chance: Chance, leaves: Sequence[str], weights: Weighted) -> tuple[str, ...]:
    """One to four leaves, each picked by weight."""
    picked = {leaves[weights.pick(chance)] for _ in range(1 + chance.below(4))}
    return tuple(sorted(picked))


def _valid_to(chance: Chance, today: date) -> date:
    if chance.below(50) == 0:
        return today - timedelta(days=1 + chance.below(300))
    return today + timedelta(days=180 + chance.below(1200))
