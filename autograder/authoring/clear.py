"""nbgrader's ClearSolutions, naming the task in what it leaves: `exercise conv2d: …`.

nbgrader knows one stub for a whole course. This preprocessor, in its place in
`GenerateAssignment.preprocessors`, writes one for each exercise, in the notebook's language.
"""

from typing import Any

from nbgrader.preprocessors import ClearSolutions

_STUB = {
    "en": 'raise NotImplementedError("exercise {name}: put your code in the place of this line")',
    "zh": 'raise NotImplementedError("练习 {name}：请把这一行换成你的代码")',
}


class ClearNamedSolutions(ClearSolutions):  # type: ignore[misc]
    """Replaces each solution by a line that says which exercise is not done yet."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        self._language = nb.metadata.get("autograder", {}).get("language", "en")
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        name = grade_id.removesuffix("-solution")
        if name == grade_id:  # an instructor's own cell, not built from solutions/
            return super().preprocess_cell(cell, resources, cell_index)
        usual: dict[str, str] = self.code_stub  # type: ignore[has-type]
        self.code_stub = usual | {"python": _STUB[self._language].format(name=name)}
        try:
            return super().preprocess_cell(cell, resources, cell_index)
        finally:
            self.code_stub = usual
