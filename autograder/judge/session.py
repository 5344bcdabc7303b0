"""A session of judging: one sandbox for one submission after another.

The sandbox starts at once, in the background, so that torch is imported there and here at the same
time. How pytest runs the graders is in graders.py, what becomes of their verdicts in run.py.
"""

import contextlib
import importlib.metadata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import autograder
from autograder.course import Chapter, Course
from autograder.errors import ConfigError
from autograder.judge.result import CourseInfo, SandboxInfo, SubmissionInfo
from autograder.judge.run import Judgement
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import Mode, Sandbox
from autograder.submission import Submission
from autograder.text import Language

if TYPE_CHECKING:
    from autograder.judge.attempt import Attempt
    from autograder.judge.bench import Bench
    from autograder.judge.run import Emit

UNDRAWN = {"MPLBACKEND": "agg"}
"""The environment for grading whose outputs nobody looks at: drawing plots would take longest."""


def resolve_device(wanted: str) -> str:
    """cpu or cuda, for auto: cuda where there are a GPU and a torch built for it."""
    if wanted != "auto":
        return wanted
    has_gpu = Path("/dev/nvidiactl").exists()
    built_for_cpu = "+cpu" in importlib.metadata.version("torch")
    return "cuda" if has_gpu and not built_for_cpu else "cpu"


def _check_place(root: Path) -> None:
    """Refuse a course that lies where submissions can read it."""
    from autograder.sandbox.jail import bound

    folder = bound(root)
    if folder is not None:
        raise ConfigError(
            f"the course in {root} lies below {folder}, which submissions can read: its graders and"
            " solutions would be no secret. Move the course, or have Python and its virtual"
            " environment in a folder that doesn't hold it (.venv in the course is fine)"
        )


class Judge:
    """Judges submissions of a course. Use it as a context manager, or `close` it.

    What isn't given comes from the course's config. The sandbox starts in the constructor;
    `environment` is set in it for every submission.
    """

    def __init__(
        self,
        course: Course,
        *,
        mode: Mode | None = None,
        device: str | None = None,
        seed: int | None = None,
        language: Language | None = None,
        show_values: bool | None = None,
        hints: bool | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        config = course.config
        self.course = course
        self.seed = config.seed if seed is None else seed
        self.device = resolve_device(device or config.device)
        self.language: Language = language or config.language
        self.show_values = config.feedback.show_values if show_values is None else show_values
        self.hints = config.feedback.hints if hints is None else hints
        self._benches: dict[int, Bench] = {}  # by the identity of their chapters
        self._judgements: dict[tuple[int, tuple[str, ...]], Judgement] = {}
        limits = Limits.from_plain(config.sandbox.limits.model_dump())
        mode = mode or config.sandbox.mode
        if mode != "none":
            _check_place(course.root)
        self.sandbox = Sandbox(
            limits,
            mode=mode,
            cuda=self.device == "cuda",
            environment=environment,
        )

    def bench(self, chapter: Chapter) -> "Bench":
        """What the graders of `chapter` run against."""
        from autograder.judge.bench import Bench, Settings

        if id(chapter) not in self._benches:
            settings = Settings(
                language=self.language,
                device=self.device,
                seed=self.seed,
                hints=self.hints,
                show_values=self.show_values,
            )
            self._benches[id(chapter)] = Bench(self.sandbox, chapter, settings)
        return self._benches[id(chapter)]

    def begin(self, bench: "Bench", submission: Submission) -> "Attempt":
        """Put `submission` on the bench; what it imports slowly is imported in the zygote first."""
        self.foresee(submission)
        return bench.begin(submission)

    def foresee(self, submission: Submission) -> None:
        """Have the zygote import, meanwhile, what `submission` imports slowly."""
        wanted = [
            module
            for module in self.course.config.sandbox.preload
            if any(module.partition(".")[0] in cell.source for cell in submission.cells)
        ]
        self.sandbox.preload(wanted)

    def circumstances(self, chapter: Chapter, submission: Submission) -> dict[str, Any]:
        """The fields of a Result that are known before anything is judged: where they are equal,
        so are the marks."""
        return {
            "submission": SubmissionInfo(submission.name, submission.digest),
            "course": CourseInfo(chapter.name, self.course.digest(chapter)),
            **self.surroundings(),
        }

    def surroundings(self) -> dict[str, Any]:
        """Those of them that are the same for every submission and chapter."""
        return {
            "engine": autograder.__version__,
            "device": self.device,
            "seed": self.seed,
            "language": self.language,
            "show_values": self.show_values,
            "sandbox": SandboxInfo(
                mode=self.sandbox.mode,
                safe=self.sandbox.mode != "none",
                layers=self.sandbox.layers,
                absent=[f"{layer}: {why}" for layer, why in self.sandbox.absent.items()],
            ),
        }

    def grade(
        self,
        chapter: Chapter,
        submissions: Iterable[Submission],
        emit: "Emit",
        *,
        exercises: Sequence[str] = (),
    ) -> None:
        """Judge each of `submissions` and hand its result to `emit` as soon as it is there.

        The attempt that goes with a result holds the cells' outputs, and is closed afterwards.
        """
        judgement = self._judgement(chapter, exercises)
        with self.comparing():
            for submission in submissions:
                judgement.of(submission, emit)

    def get_ready(self, chapter: Chapter, exercises: Sequence[str] = ()) -> None:
        """Do beforehand what `grade` does once: run the course's own files, collect graders."""
        self._judgement(chapter, exercises)

    def _judgement(self, chapter: Chapter, exercises: Sequence[str]) -> Judgement:
        """What judges these exercises (none: all); its graders are collected once."""
        from autograder.judge.graders import Graders

        chosen = [chapter.exercise(name).name for name in exercises]
        names = tuple(dict.fromkeys(chosen)) or tuple(chapter.exercises)
        key = (id(chapter), names)
        if key not in self._judgements:
            bench = self.bench(chapter)
            bench.load(names)
            with self.comparing():
                self._judgements[key] = Judgement(self, Graders(bench, names), list(names))
        return self._judgements[key]

    def comparing(self) -> contextlib.AbstractContextManager[None]:
        """The course's tolerances, and whether messages show values, for the helpers of compare."""
        from autograder.judge.compare import CompareSettings, using

        return using(CompareSettings(self.course.config.tolerances, self.show_values))

    def close(self) -> None:
        """End the sandbox."""
        for judgement in self._judgements.values():
            judgement.graders.close()
        self._judgements.clear()
        for bench in self._benches.values():
            bench.close()
        self.sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
