"""Building notebooks: assignments/ and solutions/ → source/ → release/.

    handout.py      notebook.md read and checked
    stubs.py        a solution's text → signature, docstring and marked body
    notebook.py     handout and stubs → the instructor's notebook, as bytes
    release.py      nbgrader's generate_assignment, called as a library
    clear.py        the nbgrader preprocessor that names the task in the student's stub
    build.py        all of it for some chapters; what is out of date

jupytext and nbgrader come with the extra `nbgrader` and are imported when a build begins.
"""
