"""Decides: hidden graders, limits, points and hints. Runs no untrusted code, knows no nbgrader.

result.py is what a submission got; compare.py is what a grader asserts with; student.py stands for
the untrusted code; budget.py times it; hints.py names the misconception behind a failure;
plugin.py gives all this to pytest, and session.py runs pytest on one submission after another.
"""
