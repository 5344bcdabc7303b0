"""grading_config.yml: what is read, and what a mistake in it says."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.config import Config, find_config, load_config
from autograder.errors import ConfigError

COURSE = """\
language: zh
chapters:
  ch09_convolution:
    title: {en: Convolution, zh: 卷积}
    points: 9
    exercises:
      conv2d: {points: 4, forbidden: [torch.conv2d, "aten::convolution", "mkldnn::*conv*"]}
      conv2d_fast:
        points: 5
        budget: 3x
        limits: {call: {wall: 500ms}, memory: 256MiB}
"""


def read(folder: Path, text: str) -> Config:
    (folder / "grading_config.yml").write_text(text, encoding="utf-8")
    return load_config(folder / "grading_config.yml")


def problem(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return str(caught.value)


def test_units_become_seconds_bytes_and_factors(tmp_path: Path) -> None:
    """`500ms`, `256MiB` and `3x` are 0.5 seconds, 2**28 bytes and three times."""
    exercise = read(tmp_path, COURSE).chapters["ch09_convolution"].exercises["conv2d_fast"]
    assert exercise.limits.call.wall == 0.5
    assert exercise.limits.call.cpu is None
    assert exercise.limits.memory == 256 * 2**20
    assert exercise.budget == 3.0


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("500ms", 0.5), ("5s", 5.0), ("1.5s", 1.5), ("2min", 120.0), ("1h", 3600.0), ("3 s", 3.0)],
)
def test_times(tmp_path: Path, written: str, seconds: float) -> None:
    """Times may be written in milliseconds, seconds, minutes and hours."""
    assert (
        read(tmp_path, COURSE.replace("500ms", written))
        .chapters["ch09_convolution"]
        .exercises["conv2d_fast"]
        .limits.call.wall
        == seconds
    )


@pytest.mark.parametrize(
    ("written", "size"), [("512B", 512), ("64KiB", 65536), ("1.5GiB", 3 * 2**29)]
)
def test_sizes(tmp_path: Path, written: str, size: int) -> None:
    """Sizes are written with binary units."""
    chapter = read(tmp_path, COURSE.replace("256MiB", written)).chapters["ch09_convolution"]
    assert chapter.exercises["conv2d_fast"].limits.memory == size


def test_only_chapters_must_be_given(tmp_path: Path) -> None:
    """Everything else has a default that grades safely."""
    config = read(tmp_path, COURSE)
    assert (config.device, config.sandbox.mode) == ("auto", "bubblewrap")
    assert config.feedback.show_values is False
    assert config.sandbox.limits.call.wall == 10.0


def test_tolerance_in_scientific_notation_without_a_point(tmp_path: Path) -> None:
    """`1e-6` is a number, and the dtypes that aren't named keep their defaults."""
    config = read(tmp_path, COURSE + "tolerances:\n  float32: {rtol: 1e-6, atol: 0}\n")
    assert config.tolerances["float32"].rtol == 1e-6
    assert config.tolerances["bfloat16"].atol == 1e-2


def test_config_is_frozen(tmp_path: Path) -> None:
    """Nobody changes the marks of a running session."""
    config = read(tmp_path, COURSE)
    with pytest.raises(ValueError, match="frozen"):
        config.chapters["ch09_convolution"].points = 100


MISTAKES = [
    ("budget: 3x", "budget: 3", "budget needs a unit, as in 3x (times the reference) (got 3)"),
    ("budget: 3x", "budget: -1x", "budget must be positive (got -1x)"),
    ("budget: 3x", "budget: 1x", "budget must be above 1x, the reference's own time (got 1x)"),
    ("wall: 500ms", "wall: -1s", "wall must be positive (got -1s)"),
    ("wall: 500ms", "wall: 5", "wall needs a unit, as in 500ms, 5s or 2min (got 5)"),
    ("wall: 500ms", "wall: 5 sec", "wall must be written as 500ms, 5s or 2min (got '5 sec')"),
    ("memory: 256MiB", "memory: 256MB", "memory must be written as 64KiB, 256MiB or 2GiB"),
    ("budget: 3x", "bugdet: 3x", "unknown key 'bugdet' (did you mean 'budget'?)"),
    ("wall: 500ms", "walls: 1s", "unknown key 'walls' (did you mean 'wall'?)"),
    ("points: 5\n", "points: true\n", "points must be a number (got True)"),
    ("points: 5\n", "points: 0\n", "points must be positive (got 0)"),
    ("{points: 4, ", "{", "points is missing"),
    ("language: zh", "language: fr", "language must be en or zh (got 'fr')"),
    ("language: zh", "device: tpu", "device must be auto, cpu or cuda (got 'tpu')"),
    ("torch.conv2d", "torch..conv2d", "forbidden must list dotted names"),
    ("torch.conv2d", '"aten::"', "forbidden must list dotted names"),
    ("torch.conv2d", '"torch.*"', "forbidden must list dotted names"),
    ("torch.conv2d", "aten::convolution", "forbidden names 'aten::convolution' twice"),
    ("ch09_convolution", "ch 9", "ch 9 must be a Python name"),
    ("zh: 卷积", "zh: ''", "zh must not be empty (got '')"),
    ("{en: Convolution, zh: 卷积}", "Convolution", "title must hold keys (got 'Convolution')"),
    ("{call: {wall: 500ms}, memory: 256MiB}", "5s", "limits must hold keys (got '5s')"),
    ("[torch.conv2d, ", "[1, ", "forbidden[0] must be text (got 1)"),
    ("language: zh", "sandbox: {limits: {processes: 0}}", "processes must be positive (got 0)"),
    ("language: zh", "feedback: {hints: 1}", "hints must be true or false (got 1)"),
    ("language: zh", "tolerances: {float32: {rtol: -1, atol: 0}}", "rtol must not be negative"),
    ("language: zh", "tolerances: {float33: {rtol: 1, atol: 0}}", "float33 must be float64, "),
    ("points: 9", "points: 10", "points must be the sum of its exercises' 9 (got 10)"),
]


@pytest.mark.parametrize(("right", "wrong", "message"), MISTAKES)
def test_a_mistake_has_one_line(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    """Each mistake says what is wrong with which key, and what was written."""
    assert right in COURSE
    said = problem(tmp_path, COURSE.replace(right, wrong))
    assert said.startswith(message), said
    assert "\n" not in said
    assert " in grading_config.yml" in said


def test_the_path_of_a_key_is_named(tmp_path: Path) -> None:
    """The line ends with the section in which the key stands."""
    said = problem(tmp_path, COURSE.replace("wall: 500ms", "wall: -1s"))
    assert said == (
        "wall must be positive (got -1s) in grading_config.yml: "
        "chapters.ch09_convolution.exercises.conv2d_fast.limits.call"
    )


def test_all_mistakes_are_listed(tmp_path: Path) -> None:
    """Two mistakes are two lines of one error."""
    said = problem(tmp_path, COURSE.replace("3x", "3").replace("language: zh", "langage: zh"))
    assert len(said.splitlines()) == 2
    assert "did you mean 'language'?" in said
    assert "budget needs a unit" in said


def test_syntax_error_has_its_line(tmp_path: Path) -> None:
    """A file that isn't YAML is reported with line and column."""
    said = problem(tmp_path, COURSE.replace("points: 9", "points: : 9"))
    assert "in grading_config.yml, line 5, column" in said


def test_duplicate_key(tmp_path: Path) -> None:
    """A key written twice is an error, not a silent choice of the last."""
    said = problem(tmp_path, COURSE.replace("    points: 9\n", "    points: 9\n    points: 9\n"))
    assert said == (
        "duplicate key 'points' (the first is on line 5) in grading_config.yml, line 6, column 5"
    )


@pytest.mark.parametrize(
    "text", ["", "- a list\n", "chapters:\n", "chapters: {}\n", "language: en"]
)
def test_a_file_without_chapters(tmp_path: Path, text: str) -> None:
    """An empty course is an error that names the missing keys."""
    assert "chapters" in problem(tmp_path, text)


def test_missing_and_binary_files(tmp_path: Path) -> None:
    """A path that can't be read is said in the user's terms."""
    with pytest.raises(ConfigError, match=r"can't read .*nowhere\.yml: No such file"):
        load_config(tmp_path / "nowhere.yml")
    (tmp_path / "grading_config.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(tmp_path / "grading_config.yml")


def test_find_config_walks_up(tmp_path: Path) -> None:
    """Inside a course, however deep, its configuration is found."""
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "grading_config.yml").write_text(COURSE, encoding="utf-8")
    assert find_config(deep) == tmp_path.resolve() / "grading_config.yml"


@pytest.mark.parametrize("folder", ["submitted/eve", "autograded/eve/ch01", "submitted/eve/a/b"])
def test_a_config_that_a_student_handed_in_is_none(tmp_path: Path, folder: str) -> None:
    (tmp_path / "grading_config.yml").touch()
    place = tmp_path / folder
    place.mkdir(parents=True)
    for handed_in in (place, place.parent):
        (handed_in / "grading_config.yml").touch()
    assert find_config(place) == tmp_path.resolve() / "grading_config.yml"


def test_find_config_outside_a_course(tmp_path: Path) -> None:
    """Outside a course the error says what to do."""
    with pytest.raises(ConfigError, match="run inside a course's folder"):
        find_config(tmp_path)
    with pytest.raises(ConfigError, match=r"no such folder: .*nowhere"):
        find_config(tmp_path / "nowhere")


def test_config_is_light() -> None:
    """Reading a configuration imports neither torch nor nbgrader."""
    code = (
        "import sys, autograder.config\n"
        "print([name for name in ('torch', 'nbgrader', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_this_courses_own_config() -> None:
    """The configuration at the root is valid."""
    config = load_config(find_config(Path(__file__).parent))
    assert len(config.chapters) >= 6
    assert config.chapters["ch09_convolution"].exercises["conv2d_fast"].budget == 3.0
