"""Initials of pinyin, every reading of every character; needs a dictionary, so it is not core."""

from pypinyin import Style, pinyin


def initials_of(name: str) -> str:
    """First letters of all readings per character, separated by spaces: 重庆 is `cz q`.

    Latin letters and digits stand for themselves; punctuation is left out.
    """
    return " ".join(letters for one in name if (letters := _letters(one)))


def _letters(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    readings = pinyin(character, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
    return "".join(sorted({one for each in readings for one in each if one.isascii()}))
