"""A class: what its students hand in, drawn by a seeded generator.

Some know all, some half, some little. What they don't know they get wrong as people do, by one of
the exercise's misconceptions, or leave in a state that raises, or not begun. Nothing in it runs
into a limit of time: waiting for one takes as long with every tool. And nothing keeps anything from
one call to the next: what that is worth depends on a tool's calls before the graders'.
"""

import ast
import random
from collections.abc import Iterator

from autograder.course import Chapter, Misconception, load_misconceptions
from benchmarks.speed.course import solution

SKILLS = (0.95, 0.75, 0.5, 0.2)  # the share of exercises that such a student gets right
UNFINISHED = 0.2  # the share of the wrong answers that raise or aren't there
SLOW = ("time limit", "over budget")
SEED = 0

Answers = dict[str, str]  # what stands in each exercise's cell
Class = dict[str, Answers]


def make_class(chapter: Chapter, count: int) -> Class:
    """`count` students with their answers; a smaller class is the beginning of a larger one."""
    draw = random.Random(SEED)
    right = {name: solution(chapter, name) for name in chapter.exercises}
    wrong = {name: list(_wrong_answers(chapter, name)) for name in chapter.exercises}

    def answer(name: str, skill: float) -> str:
        if draw.random() < skill:
            return right[name]
        if draw.random() < UNFINISHED:
            return draw.choice([_raises(name), "# not begun\n"])
        return draw.choice(wrong[name])

    return {
        f"student{number:04}": {name: answer(name, skill) for name in chapter.exercises}
        for number, skill in ((n, draw.choice(SKILLS)) for n in range(count))
    }


def _raises(name: str) -> str:
    return f"def {name}(*args, **options):\n    raise NotImplementedError('not finished')\n"


def _wrong_answers(chapter: Chapter, name: str) -> Iterator[str]:
    exercise = chapter.exercises[name]
    tree = ast.parse(exercise.misconceptions_path.read_text("utf-8"))
    for misconception in load_misconceptions(exercise):
        used = _used(tree, misconception)
        if misconception.verdict not in SLOW and not any(map(_keeps, used)):
            source = "\n\n".join(ast.unparse(_undecorated(node)) for node in used)
            yield f"{source}\n\n{name} = {misconception.name}\n"


def _used(tree: ast.Module, misconception: Misconception) -> list[ast.stmt]:
    """A misconception and whatever of its file it uses."""
    bound = {name: node for node in tree.body for name in _names(node)}
    wanted = {misconception.name}
    todo = [misconception.name]
    while todo:
        used = {node.id for node in ast.walk(bound[todo.pop()]) if isinstance(node, ast.Name)}
        todo += sorted(new := (used & bound.keys()) - wanted - {"misconception"})
        wanted |= new
    return [node for node in tree.body if wanted & set(_names(node))]


def _keeps(node: ast.stmt) -> bool:
    """Whether it is an empty list or dict, to be filled by calls."""
    return isinstance(node, ast.Assign) and ast.unparse(node.value) in ("[]", "{}")


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [target.id for target in node.targets if isinstance(target, ast.Name)]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name for alias in node.names]
    return []


def _undecorated(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        node.decorator_list = []
    return node
