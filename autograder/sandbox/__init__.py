"""Runs untrusted code in a process that holds nothing worth stealing.

    judge ── Sandbox (process.py) ───── starts ──> zygote (zygote.py): imports torch once,
         │                                         inside bubblewrap (jail.py)
         └── Worker  (connection.py) ── asks ────> worker (worker.py): one submission, in
                                                   namespaces of its own (namespaces.py)

Both sides speak frames of plain data (wire.py). This package knows nothing of grading and imports
nothing else of the project; inside the jail it is the only part of the project that exists.
"""
