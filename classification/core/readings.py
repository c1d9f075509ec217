"""Does a typed word spell a name in pinyin: by initials, in full, or both mixed?

`qlgc`, `qiaolianggongcheng`, `qiaoliang` and `qlianggc` all spell 桥梁工程; a word may begin
at any character and end within a reading, because people search while they type. The page
does the same (web/src/pages/applicant/pinyin.ts), held to tests/vectors/pinyin.json.
"""

Readings = tuple[tuple[str, ...], ...]
"""Per readable character of a name, every reading it may have, without tones."""


def parse(pinyin: str) -> Readings:
    """The readings written as `chong/zhong qing`."""
    return tuple(tuple(one.split("/")) for one in pinyin.split())


def initials(readings: Readings) -> str:
    """First letters of all readings per character, separated by spaces: `cz q`."""
    return " ".join("".join(sorted({one[0] for one in each})) for each in readings)


def starts(readings: Readings) -> set[str]:
    """The first letter, and the first two, of every word that the name may be spelt by."""
    found: set[str] = set()
    for at, each in enumerate(readings):
        following = readings[at + 1] if at + 1 < len(readings) else ()
        for one in each:
            found |= {one[0], one[:2], *(one[0] + other[0] for other in following)}
    return found


def rank_of_spelling(readings: Readings, word: str) -> int:
    """1 initials from the first character on, 2 initials within, 3 and 4 the same with whole
    readings; 0 where the word does not spell the name."""
    if len(word) <= len(readings):
        if _initials_at(readings, 0, word):
            return 1
        if any(_initials_at(readings, at, word) for at in range(1, len(readings) - len(word) + 1)):
            return 2
    if spelt(readings, word, from_start=True):
        return 3
    return 4 if spelt(readings, word) else 0


def _initials_at(readings: Readings, at: int, word: str) -> bool:
    return all(any(one[0] == letter for one in readings[at + i]) for i, letter in enumerate(word))


def spelt(readings: Readings, word: str, *, from_start: bool = False) -> bool:
    """Is `word` spelt by readings and initials of characters that stand side by side?

    Args:
        from_start: only from the first character on.
    """
    reached = {0}
    for each in readings:
        after = set() if from_start else {0}
        # how much of the word is spelt before this character; 0: it may begin here
        for at in reached:
            rest = word[at:]
            for one in each:
                if one.startswith(rest):
                    return True
                if rest.startswith(one):
                    after.add(at + len(one))
                if rest[0] == one[0]:
                    after.add(at + 1)
        reached = after
    return False
