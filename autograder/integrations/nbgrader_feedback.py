"""What students get back, by nbgrader's GenerateFeedback, a submission at a time."""

import glob
import shutil
import tempfile
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException

from autograder.grading.plan import Job
from autograder.integrations.nbgrader_convert import Setting, student_of
from autograder.integrations.nbgrader_gradebook import place

_MOST_SAID = 10  # lines of nbgrader's about a page that it can't make


def give_feedback(setting: Setting, job: Job) -> list[str]:
    """Write the feedback for what has landed of `job`, whole or not at all; what went wrong."""
    course, student = setting.course, student_of(job)
    target = course.feedback(student, job.chapter)
    work = Path(tempfile.mkdtemp(dir=setting.work))
    elsewhere = {course.coursedir.feedback_directory: work / "feedback"}
    workplace = course.workplace(job.chapter, course.url, elsewhere)
    workplace.student_id = glob.escape(student)
    try:
        with course.log() as said:
            try:
                GenerateFeedback(coursedir=workplace, parent=course.app).start()
            except NbGraderException as error:
                return [f"no feedback for {student} ({job.chapter}): {error}", *said[:_MOST_SAID]]
        place(work, work / "feedback" / student / job.chapter, target)
        return []
    finally:
        shutil.rmtree(work)
