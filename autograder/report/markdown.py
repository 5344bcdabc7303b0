"""The message that stands beside an exercise's score in a graded notebook.

Both forms say the same: the score, each hint once, a line for each check, and under a failed one
what came. Whatever came from a student's code is shown as text: it can't make HTML, a link, an
image or a formula. The classes are Bootstrap's, which nbgrader's pages have; elsewhere the same
words stand there without colours.
"""

import html
import re

from autograder.judge.result import ExerciseResult, TestResult, Verdict
from autograder.report import words
from autograder.text import Language, Text

_CODE = re.compile(r"`([^`\n]+)`")
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|$~&!@]|:(?=//)|(?<=www)\.|^[-+]|(?<=^\d)[.)]")
_COLOUR = {
    Verdict.PASSED: "success",
    Verdict.BY_HAND: "info",
    Verdict.JUDGE_FAULT: "warning",
}
_SCORE = Text("{name}: {points} points", "{name}：{points} 分")


def exercise_markdown(exercise: ExerciseResult, language: Language) -> str:
    """The exercise's checks as Markdown."""
    lines = [f"**{_escaped(_score(exercise, language))}**", ""]
    for hint in _hints(exercise, language):
        lines += [*_block(hint), ""]
    for test in exercise.tests:
        lines.append(f"- {words.mark(test.verdict)} {_head_markdown(test, language)}")
        if test.verdict is Verdict.PASSED:
            continue
        for text in _below(test, language):
            lines += ["", *(f"  {line}" if line else "" for line in _block(text))]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def exercise_html(exercise: ExerciseResult, language: Language) -> str:
    """The exercise's checks as HTML, without scripts, styles or anything to fetch."""
    items = "\n".join(_item(test, language) for test in exercise.tests)
    score = _inline(_score(exercise, language))
    hints = "".join(
        f'<div class="alert alert-info">{_shown(hint)}</div>\n'
        for hint in _hints(exercise, language)
    )
    checks = f'<ul class="list-unstyled">\n{items}\n</ul>'
    return f"<p><strong>{score}</strong></p>\n{hints}{checks}\n"


def _score(exercise: ExerciseResult, language: Language) -> str:
    name = words.one_line(exercise.name)
    return _SCORE.to(language).format(name=name, points=words.points(exercise))


def _hints(exercise: ExerciseResult, language: Language) -> list[str]:
    """Each hint once: one mistake often fails many checks."""
    hints = dict.fromkeys(words.printable(test.hint) for test in exercise.tests)
    return [words.HINT.to(language) + hint for hint in hints if hint]


def _below(test: TestResult, language: Language) -> list[str]:
    """What stands under a check that didn't pass, block by block."""
    message = words.printable(test.message)
    sources = words.one_line(", ".join(test.source))
    read = words.READ.to(language) + sources if sources and test.verdict.costs_points else ""
    if "\n" in message:
        return [message, read] if read else [message]
    both = " ".join(part for part in (message, read) if part)
    return [both] if both else []


def _head_markdown(test: TestResult, language: Language) -> str:
    title = _escaped(words.title(test))
    if test.verdict is Verdict.PASSED:
        return title
    return f"**{_escaped(test.verdict.label.to(language))}** {title}"


def _block(text: str) -> list[str]:
    """A sentence with its code spans; several lines, such as a traceback, as they are."""
    if "\n" not in text:
        return [_escaped(text)]
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return [f"{fence}text", *text.split("\n"), fence]


def _escaped(text: str) -> str:
    """Markdown that shows the text; only `code` stays code, where nothing is interpreted."""
    pieces = _CODE.split(text)
    return "".join(
        f"`{piece}`" if i % 2 else _MARKUP.sub(_entity, piece) for i, piece in enumerate(pieces)
    )


def _entity(match: re.Match[str]) -> str:
    """The character as an entity, which is never markup.

    MathJax reads the page after Markdown is done, where an entity is a character again; a formula
    (whose \\href could run a script) doesn't reach over the edge of an element, though.
    """
    entity = f"&#{ord(match[0])};"
    return f"<span>{entity}</span>" if match[0] in "$\\" else entity


def _item(test: TestResult, language: Language) -> str:
    passed = test.verdict is Verdict.PASSED
    mark, label = words.mark(test.verdict), html.escape(test.verdict.label.to(language))
    said = mark if passed else f"{mark} {label}"
    badge = f'<span class="label label-{_COLOUR.get(test.verdict, "danger")}">{said}</span>'
    below = "" if passed else "".join(map(_paragraph, _below(test, language)))
    return f"<li>{badge} {_inline(words.title(test))}{below}</li>"


def _paragraph(text: str) -> str:
    shown = _shown(text)
    return shown if shown.startswith("<pre>") else f'<p class="text-muted">{shown}</p>'


def _shown(text: str) -> str:
    """A sentence with its code spans; several lines, such as a traceback, as they are."""
    return f"<pre>{html.escape(text)}</pre>" if "\n" in text else _inline(text)


def _inline(text: str) -> str:
    """HTML that shows the text, `code` as code."""
    pieces = _CODE.split(text)
    return "".join(
        f"<code>{html.escape(piece)}</code>" if i % 2 else _no_formula(html.escape(piece))
        for i, piece in enumerate(pieces)
    )


def _no_formula(escaped: str) -> str:
    return re.sub(r"[$\\]", _entity, escaped)
