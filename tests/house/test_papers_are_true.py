"""README and docs promise nothing that is not there: pictures, links, commands, words."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.house.commands import fault
from tests.house.papers import (
    LANGUAGES,
    ON_THE_SCREEN,
    anchors,
    command_lines,
    links,
    papers,
    pictures,
    prose,
    said_on_screen,
)
from tests.house.source import ROOT
from tools.screenshots import ONE_STORY, PICTURES, SHEET

IMG = ROOT / "docs" / "img"
MADE = {*PICTURES, SHEET}


def text_of(paper: Path) -> str:
    return paper.read_text("utf-8")


def taken_by_the_stories() -> set[str]:
    """The name of every picture that a story takes."""
    files = sorted((ROOT / "tests" / "stories").rglob("*.py"))
    calls = [one for file in files for one in ast.walk(ast.parse(text_of(file)))]
    return {
        str(last.value)
        for one in calls
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)
        if one.func.attr == "shot" and one.args
        if isinstance(last := one.args[-1], ast.Constant)
    }


def faults_of_links(paper: Path, text: str) -> list[str]:
    """Links of a paper that lead nowhere."""
    found = []
    for link in links(text):
        path, _, anchor = unquote(link).partition("#")
        target = (paper.parent / path).resolve() if path else paper
        if not target.exists():
            found.append(f"{link}: no such file")
        elif anchor and anchor not in anchors(text if target == paper else text_of(target)):
            found.append(f"{link}: no such heading")
    return found


def is_english(paper: Path) -> bool:
    """Whether a paper is the English one of two."""
    return paper == ROOT / "README.md" or paper.parent == ROOT / "docs" / "en"


def faults_of_pictures(paper: Path, text: str) -> list[str]:
    """Pictures of a paper that `make screenshots` does not make, or not in its language."""
    folder, made = (IMG / "en", {*PICTURES}) if is_english(paper) else (IMG, MADE)
    return [
        one
        for one in pictures(text)
        if (paper.parent / one).resolve() not in {folder / f"{name}.png" for name in made}
    ]


def faults_of_commands(text: str) -> list[str]:
    """Command lines of a paper that no program takes."""
    return [f"{line}: {wrong}" for line in command_lines(text) if (wrong := fault(line))]


def faults_of_words(language: str, text: str) -> list[str]:
    """Words a guide says stand on the screen, and which stand nowhere."""
    said = said_on_screen(language)
    return [one for one in ON_THE_SCREEN[language].findall(prose(text)) if one not in said]


@pytest.mark.parametrize("paper", papers(), ids=lambda one: str(one.relative_to(ROOT)))
def test_links_pictures_and_commands_are_there(paper: Path) -> None:
    text = text_of(paper)
    assert faults_of_links(paper, text) == []
    assert faults_of_pictures(paper, text) == []
    assert faults_of_commands(text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guide_says_what_stands_on_the_screen(language: str) -> None:
    guides = sorted((ROOT / "docs" / language).glob("*.md"))
    assert guides
    wrong = {one.name: faults_of_words(language, text_of(one)) for one in guides}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_every_picture_is_taken_by_a_story_kept_and_shown() -> None:
    assert set(PICTURES) - taken_by_the_stories() == set()
    assert {*ONE_STORY} <= set(PICTURES)
    assert {one.stem for one in IMG.glob("*.png")} == MADE
    assert {one.stem for one in (IMG / "en").glob("*.png")} == {*PICTURES}
    for english, made in ((False, MADE), (True, {*PICTURES})):
        there = [one for one in papers() if is_english(one) is english]
        shown = {Path(one).stem for paper in there for one in pictures(text_of(paper))}
        assert made - shown == set()


def test_every_paper_for_people_stands_in_both_languages_and_leads_to_the_other() -> None:
    pairs = [(ROOT / "README.md", ROOT / "README.zh-CN.md")]
    first, second = ({one.name for one in (ROOT / "docs" / of).glob("*.md")} for of in LANGUAGES)
    assert first == second
    chinese, english = (ROOT / "docs" / of for of in LANGUAGES)
    pairs += [(chinese / name, english / name) for name in sorted(first)]
    for one, other in (*pairs, *((b, a) for a, b in pairs)):
        head = "\n".join(text_of(one).splitlines()[:4])
        assert other.resolve() in {(one.parent / link).resolve() for link in links(head)}, one


def test_both_readmes_show_the_same_commands_and_measurements() -> None:
    english, chinese = text_of(ROOT / "README.md"), text_of(ROOT / "README.zh-CN.md")
    assert [*command_lines(chinese)] == [*command_lines(english)]
    row = re.compile(r"^\| `([a-z_.0-9]+)` \|", re.MULTILINE)
    assert row.findall(chinese) == row.findall(english)
    figure = re.compile(r"\b[0-9a-f]{64}\b|\d[\d,.]* (?:ms|s|µs|×)(?!\w)")
    assert sorted(figure.findall(chinese)) == sorted(figure.findall(english))


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("expert-draw pool inport POOL.xlsx", "no command inport"),
        ("expert-draw pool import POOL.xlsx --homes var", "No such option: --homes"),
        ("expert-draw pool import --home var", "file is missing"),
        ("expert-draw pool imports var", "var is too much"),
        ("expert-draw verify --tests BUNDLE.json", "no option --tests of draw_engine.verify"),
        ("expert-draw holder run --sever URL", "no option --sever of draw_engine.holder"),
        ("python -m draw_engine.verifier", "no module draw_engine.verifier"),
        ("make verify", "no target verify of make"),
        ("make run HAST=0.0.0.0", "no variable HAST of make"),
        ("pytest tests/nowhere.py", "no file tests/nowhere.py"),
        ("expertdraw serve", "unknown program expertdraw"),
    ],
)
def test_a_command_that_is_not_taken_is_found(line: str, wrong: str) -> None:
    assert fault(line).startswith(wrong)
    assert faults_of_commands(f"```sh\n{line}  # as shown\n```\n") == [f"{line}: {fault(line)}"]


def test_a_doctored_paper_is_found() -> None:
    paper = ROOT / "docs" / "zh-CN" / "expert.md"
    text = text_of(paper)
    gone = text.replace("inbox-phone.png", "inbox-fone.png")
    assert gone != text
    assert faults_of_pictures(paper, gone) == ["../img/inbox-fone.png"]
    english = ROOT / "docs" / "en" / "expert.md"
    assert faults_of_pictures(english, "![x](../img/inbox-phone.png)") == ["../img/inbox-phone.png"]
    assert faults_of_pictures(english, "![x](../img/en/inbox-phone.png)") == []
    assert "../img/inbox-fone.png: no such file" in faults_of_links(paper, gone)
    assert faults_of_links(paper, "[x](../settings.md#tables-of-an-older-program)") == [
        "../settings.md#tables-of-an-older-program: no such heading"
    ]
    assert faults_of_links(paper, "[x](../settings.md#tables-of-a-newer-program)") == []
    assert faults_of_words("zh-CN", "请按「接受邀请」，不要按「接收邀请」") == ["接收邀请"]
    assert faults_of_words("en", "Press *Accept*, not *Accept it*; **bold** is not a word") == [
        "Accept it"
    ]
