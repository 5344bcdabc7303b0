"""What people and machines read of results: a table, JSON, JUnit XML, and a notebook's messages.

Everything a student's code could have put into a result (messages, names, problems) is cleaned and
escaped here for the format it goes to. Nothing here imports torch or judges anything.
"""
