"""The pages that nbgrader makes of a student's notebook run nothing of the student's.

nbgrader autogrades the notebook and generates its feedback; the formgrader's view is made with the
exporter and the template that the formgrader uses. Whatever of the student's would run marks the
page, by an attribute that a real browser shows us.
"""

import base64
import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.integrations.harmless import harmless
from tests.conftest import BROWSERS
from tests.integrations.classroom import CHAPTER, HERE, NBGRADER_WARNS, Classroom

pytestmark = [
    *(pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS),
    pytest.mark.filterwarnings("ignore:Your element with mimetype"),  # as nbgrader has it
]

MARK = "gotcha"
RUN = f"document.documentElement.setAttribute('data-{MARK}','%s')"


def js(name: str) -> str:
    return RUN % name


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def script(name: str) -> str:
    return f"<script>{js(name)}</script>"


# HTML of which a browser runs something, by itself or when it is clicked.
SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{js("svg")}">'
    f"<script>{js('svg2')}</script></svg>"
)
ENTITY = js("entity").replace("d", "&#100;", 1)
HTML = [
    script("plain"),
    f"<ScRiPt\n>{js('case')}</sCrIpT\n>",
    f"<scr<script></script>ipt>{js('split')}</script>",
    f"<img src=x onerror={js('onerror')}>",
    f'<img src="x" onerror="{ENTITY}">',
    f"<img src=`x`onerror={js('backtick')}>",
    f"<img/src='x'/onerror={js('slash')}>",
    f"<body onload={js('body')}>",
    f"<svg/onload={js('svg3')}>",
    SVG,
    f"<math><mtext><table><mglyph><style><img src=x onerror={js('mxss')}></style></table></math>",
    f"<noscript><p title='</noscript><img src=x onerror={js('noscript')}>'></noscript>",
    f"<textarea><p title='</textarea><img src=x onerror={js('textarea')}>'>",
    f"<style></style><img src=x onerror={js('style')}><style>",
    f"<!--><img src=x onerror={js('comment')}>-->",
    f"<!-- --!><img src=x onerror={js('comment2')}> -->",
    f"<a href=x title='>{script('quote')}'>x</a>",
    f"<details open ontoggle={js('toggle')}><summary>x</summary></details>",
    f"<input autofocus onfocus={js('focus')}>",
    f"<video><source onerror={js('video')}></video>",
    f"<iframe src='javascript:parent.{js('frame')}'></iframe>",
    f"<iframe srcdoc='<script>parent.{js('srcdoc')}</script>'></iframe>",
    f"<object data='data:text/html;base64,{b64(script('object'))}'></object>",
    f"<embed src='data:image/svg+xml;base64,{b64(SVG)}'>",
    f"<a href='javascript:{js('href')}'>click</a>",
    f"<a href='jav&#x09;ascript:{js('tab')}'>click</a>",
    f"<a href=' &#1;javascript:{js('control')}'>click</a>",
    f"<a href='data:text/html;base64,{b64(script('data'))}'>click</a>",
    f"<form action='javascript:{js('form')}'><button>x</button></form>",
    f"<button formaction='javascript:{js('button')}'>x</button>",
    f"<meta http-equiv='refresh' content='0;url=data:text/html,{script('meta')}'>",
    "<base href='https://gotcha.example/'>",
    "<link rel='stylesheet' href='https://gotcha.example/x.css'>",
    "<style>body { background: url(https://gotcha.example/x.png) }</style>",
    "<div style='background: url(https://gotcha.example/y.png)'>x</div>",
    "<img src='https://gotcha.example/z.png' srcset='https://gotcha.example/w.png 2x'>",
    "<div id='double' class='nbgrader_cell score btn full-credit'>x</div>",
    f"<template><script>{js('template')}</script></template>",
    f"<xmp><script>{js('xmp')}</script></xmp>",
    f"<plaintext>{script('plaintext')}",
]

MARKDOWN = [
    f"[click](javascript:{js('link')})",
    f"[click](JaVaScRiPt&colon;{js('link2')})",
    f"[click]: javascript:{js('link3')}\n[click]",
    f"<javascript:{js('auto')}>",
    f'![x](x"onerror="{js("image")})',
    f'![x](javascript:{js("image2")} "x" onerror=")',
    f"# Title {script('title')}",
    f"```{script('fence')}\n{script('code')}\n```",
    f"$\\href{{javascript:{js('math')}}}{{x}}$",
    f"| a |\n|---|\n| {script('table')} |",
    f"a[^1]\n\n[^1]: {script('foot')}",
]

PNG = b64("\x89PNG")
ATTACHED = "![x](attachment:x.png)"
BUNDLES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"application/javascript": js("mime"), "text/plain": "kept plain"}, {}),
    ({"text/html": script("isolated")}, {"text/html": {"isolated": True}}),
    ({"image/svg+xml": SVG}, {}),
    ({"image/png": f'" onerror="{js("png")}'}, {}),
    ({"image/png": PNG}, {"image/png": {"width": f"1 onload={js('width')}", "height": -1}}),
    ({"image/jpeg": PNG}, {"width": f"1 onload={js('width2')}", "alt": f"' onload={js('alt')}"}),
    ({"image/png": PNG}, {"filenames": {"image/png": "https://gotcha.example/file.png"}}),
    (
        {"application/vnd.jupyter.widget-view+json": {"model_id": f"</script>{script('widget')}"}},
        {},
    ),
    ({"text/latex": script("latex")}, {}),
    ({"text/x-evil": script("mime2"), "application/pdf": "JVBERi0="}, {}),
    ({"text/vnd.mermaid": f"graph TD; a-->b; click a call {js('mermaid')}"}, {}),
]

OUTPUTS = f"""
import sys
from IPython.display import HTML, Javascript, Markdown, display

for text in {HTML!r}:
    display(HTML(text))
for text in {MARKDOWN!r}:
    display(Markdown(text))
display(Javascript({js("javascript")!r}))
for data, metadata in {BUNDLES!r}:
    display(data, metadata=metadata, raw=True)
print({script("stdout")!r}, "\\x1b[31m<img src=x onerror={js("ansi")}>\\x1b[0m")
print({script("stderr")!r}, file=sys.stderr)
"""

RAISES = f"""
kind = type({script("kind")!r}, (Exception,), {{}})
raise kind({script("raised")!r} + "\\n<img src=x onerror={js("raised2")}>")
"""

DOUBLE = f"""
def double(x, times=1):
    print({script("printed")!r})
    raise ValueError({script("message")!r} + "`</code>{script("message2")}`")
"""

# What an honest notebook shows, and its page must go on to show.
HONEST = '''
import matplotlib.pyplot as plt
from IPython.display import HTML, SVG, Markdown, display

plt.plot([1, 2])
plt.show()
display(HTML("""<div><style scoped>.dataframe tbody tr th { vertical-align: top; }</style>
<table border="1" class="dataframe">
<thead><tr style="text-align: right;"><th></th><th>loss &amp; co</th></tr></thead>
<tbody><tr><th>epoch 1</th><td>0.125</td></tr></tbody>
</table><p>1 rows × 1 columns</p></div>"""))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>'))
display(Markdown("**bold**, $a < b$ and [a link](https://example.org/?a=1&b=2)"))
'''
TEXT = """\
## My notes

1. *first* & `x < y`
2. > quoted

| a | b |
|---|---|
| 1 | 2 |

```python
if a < b and c > d: pass
```
"""


def hostile(notebook: Any) -> Any:
    """`notebook` with each attack in each place where nbgrader shows something of a notebook."""
    notebook.cells += [new_code_cell(OUTPUTS), new_code_cell(RAISES)]
    notebook.cells += [new_code_cell(f"# </pre>{script('source')}")]
    notebook.cells += [new_markdown_cell(text) for text in (*HTML, *MARKDOWN, ATTACHED)]
    for text in HTML:
        notebook.cells += [new_raw_cell(text), new_raw_cell(text)]
        notebook.cells[-1].metadata.raw_mimetype = "text/html"
    notebook.cells[-3].metadata.tags = [f'" onclick="{js("tag")}']
    attached = {"image/png": f'" onerror="{js("attached")}', "text/html": script("attached2")}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.attachments = {"x.png": attached}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": script("stored")})]
    notebook.metadata |= {
        "title": f"</title>{script('nbtitle')}",
        "language_info": {"name": "python", "pygments_lexer": f'"><script>{js("lexer")}</script>'},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": script("state")}},
    }
    return notebook


def view(room: Classroom, student: str, **config: Any) -> str:
    """What the formgrader shows of a student's work."""
    config = Config(config) if config else room.config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    path = room.root / "autograded" / student / CHAPTER / f"{CHAPTER}.ipynb"
    names = ("assignment_id", "notebook_id", "submission_id", "student", "notebook_path")
    resources = dict.fromkeys(names, "x") | {"base_url": "", "index": 0, "total": 1}
    page, _ = HTMLExporter(config=config).from_filename(str(path), resources=resources)
    return str(page)


Pages = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def pages(room: Classroom) -> Pages:
    """(student, what) → the page: two students, of whom one is hostile."""
    honest = room.solved()
    honest.cells += [new_code_cell(HONEST), new_markdown_cell(TEXT)]
    notebooks = {"honest-page": honest, "hostile-page": hostile(room.solved(double=DOUBLE))}
    made: Pages = {}
    for student, notebook in notebooks.items():
        room.grade(student, notebook)
        made[student, "feedback"] = room.feedback(student)
        made[student, "formgrader"] = view(room, student)
    return made


class Found(HTMLParser):
    """Counts what a browser would run, fetch or take for a part of the page."""

    RUNS = (
        "script",
        "iframe",
        "frame",
        "object",
        "embed",
        "applet",
        "form",
        "base",
        "meta",
        "link",
    )
    ODD = ("svg", "math", "style", "noscript", "template", "textarea", "xmp", "plaintext", "video")
    LEADS = (
        "href",
        "src",
        "srcset",
        "srcdoc",
        "data",
        "action",
        "formaction",
        "background",
        "style",
    )

    def __init__(self, page: str) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()
        self.inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        if tag in (*self.RUNS, *self.ODD, "input", "button"):
            self.count[tag] += 1
        for name, value in attrs:
            leads = name in self.LEADS or name.endswith(":href")
            if name.startswith("on") or (leads and not self.is_harmless(name, value or "")):
                self.count[f"{tag} {name}={value!r:.60}"] += 1
            if name in ("id", "name") and not (value or "").startswith("cell-id="):
                self.count[f"{name}={value!r:.60}"] += 1

    def handle_data(self, data: str) -> None:
        if self.inside in ("script", "style") and MARK in data:
            self.count[f"{self.inside}: {data:.60}"] += 1

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    @staticmethod
    def is_harmless(name: str, value: str) -> bool:
        image = re.match(r"data:image/(png|jpeg|svg\+xml);base64,[A-Za-z0-9+/=]*$", value)
        if name == "style":
            return value == "text-align: right;"
        return bool(image) or (name == "href" and value.startswith(("#", "https://example.org/")))


@pytest.mark.parametrize("what", ["feedback", "formgrader"])
def test_the_page_holds_nothing_of_the_students_that_runs(pages: Pages, what: str) -> None:
    """What there is of scripts, handlers and addresses is the template's, as in any page."""
    hostile, honest = (Found(pages[f"{student}-page", what]) for student in ("hostile", "honest"))
    assert hostile.count - honest.count == Counter()
    assert script("raised").replace("<", "&lt;").replace(">", "&gt;") in pages["hostile-page", what]


def test_the_same_notebook_under_nbgraders_own_configuration_does_hold_it(
    room: Classroom, pages: Pages
) -> None:
    """The attacks are real ones."""
    hostile, honest = (
        Found(view(room, f"{student}-page", NbGrader={})).count for student in ("hostile", "honest")
    )
    assert (hostile - honest)["script"] > 10
    assert any(" onerror=" in name for name in hostile - honest)


@pytest.mark.parametrize("what", ["feedback", "formgrader"])
def test_what_an_honest_student_shows_is_shown(pages: Pages, what: str) -> None:
    page = pages["honest-page", what]
    assert re.search(r'<img [^>]*src="data:image/png;base64,iVBOR[^"]{1000}', page)
    assert re.search(r'<img [^>]*src="data:image/svg\+xml;base64,', page)
    assert '<table border="1" class="dataframe">' in page
    assert '<tr style="text-align: right;">' in page
    assert re.search(r"<th>epoch 1</th>\s*<td>0.125</td>", page)
    assert "loss &amp; co" in page
    assert page.count("vertical-align: top") == 1  # in the code, not in the table
    assert "<strong>bold</strong>" in page
    assert 'href="https://example.org/?a=1&amp;b=2"' in page
    assert "<em>first</em>" in page
    assert re.search(r"<code>x &lt; y</code>", page)
    assert re.search(r'<span class="ow">and</span>', page)
    assert re.search(r"<td>1</td>\s*<td>2</td>", page)
    assert re.search(r'<span class="k">def</span>', page)
    assert re.search(r'<span class="label label-success">', page)


def in_browser(page: str, folder: Path) -> str:
    """The page as Chromium has it when its scripts have run."""
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    file = folder / "page.html"
    file.write_text(page, "utf-8")
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000"]
    done = subprocess.run(
        [browser, *flags, f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.browser
@pytest.mark.parametrize("what", ["feedback", "formgrader"])
def test_a_browser_runs_nothing_of_the_students(pages: Pages, what: str, tmp_path: Path) -> None:
    seen = in_browser(pages["hostile-page", what], tmp_path)
    assert f"<html data-{MARK}" not in seen
    found, honest = Found(seen), Found(in_browser(pages["honest-page", what], tmp_path))
    assert found.count - honest.count == Counter()


@pytest.mark.browser
def test_a_browser_runs_it_under_nbgraders_own_configuration(
    room: Classroom, pages: Pages, tmp_path: Path
) -> None:
    seen = in_browser(view(room, "hostile-page", NbGrader={}), tmp_path)
    assert f"<html data-{MARK}" in seen


fragments = st.sampled_from(
    [*HTML, *"<>'\"=/&; \n\t\x00`-!", "<b", "</b>", "<a href=", "javascript:", "&lt;", "&#60;",
     "<!--", "-->", "<td>", "<table>", "</table>", "<p>", "<pre>\n", "<script", "</script>", "ſ"]
)  # fmt: skip


@given(st.lists(fragments | st.text(max_size=8), max_size=12).map("".join))
def test_whatever_the_html_nothing_in_it_runs(text: str) -> None:
    made = harmless(text)
    assert Found(made).count == Counter()
    assert harmless(made) == made
    balance: Counter[str] = Counter()
    for closing, name in re.findall(r"<(/?)([a-z0-9]+)", made):
        balance[name] += -1 if closing else 1
        assert balance[name] >= 0
    assert not [
        name for name, left in balance.items() if left and name not in ("br", "hr", "img", "col")
    ]


LONG = {
    "attributes": "a.a" * 400_000,
    "colours": "\x1b[1m" * 200_000,
    "formulas": "\\begin{a}" * 50_000,
    "headings": "#" * 500_000,
}


@pytest.mark.timeout(300)  # the longest took hours
@pytest.mark.parametrize("kind", ["code", "markdown"])
@pytest.mark.parametrize("name", LONG)
def test_a_text_that_takes_for_ever_to_colour_is_shown_as_it_is(name: str, kind: str) -> None:
    text = LONG[name]
    notebook = nbformat.v4.new_notebook(cells=[new_markdown_cell(text)])
    if kind == "code":
        output = nbformat.v4.new_output("stream", text=text)
        notebook.cells = [new_code_cell(text, outputs=[output])]
    config = PyFileConfigLoader("nbgrader_config.py", path=str(HERE)).load_config()
    page, _ = HTMLExporter(config=config, template_name="classic").from_notebook_node(notebook)
    assert len(page) > len(text)
