"""Pinyin of a name, every reading of every character; needs a dictionary, so it is not core."""

from pypinyin import Style, pinyin


def pinyin_of(name: str) -> str:
    """All readings per readable character, without tones: 重庆 is `chong/tong/zhong qing`.

    Latin letters and digits stand for themselves; punctuation is left out; ü is written v.
    """
    return " ".join(readings for one in name if (readings := _readings(one)))


def initials_of(name: str) -> str:
    """First letters of all readings per readable character: 重庆 is `ctz q`."""
    return " ".join(
        "".join(sorted({reading[0] for reading in one.split("/")}))
        for one in pinyin_of(name).split()
    )


def _readings(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    # Character by character: a phrase dictionary would settle on one reading of each.
    readings = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    known = {one.replace("ü", "v") for each in readings for one in each}
    return "/".join(sorted(one for one in known if one.isascii() and one.isalpha()))
