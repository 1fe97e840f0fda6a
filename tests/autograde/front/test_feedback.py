"""The feedback page: it tells what each check said, and nothing in a submission makes it run, load
or hide anything. Looked at as a file and in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

ROOT = Path(__file__).resolve().parents[3]
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)

# What a learner writes into a Markdown cell, what must be gone, what must be there.
HOSTILE = [
    ("<script>pwned()</script>after", "<script", "after"),
    ("<scr<script>ipt>pwned()</scr</script>ipt>after", "<script", "after"),
    ("<img src=x onerror=pwned()>after", "onerror", "after"),
    ("<p onclick='pwned()' onmouseover=pwned()>kept</p>", r"onclick|onmouseover", "kept"),
    ("<svg onload=pwned()><script>pwned()</script></svg>after", r"<svg|onload", "after"),
    ("<math><mtext><table><mglyph><style><img src=x onerror=pwned()>", r"<img[^>]*onerror", ""),
    ("<iframe src='http://example.org'></iframe>after", "<iframe", "after"),
    ("<iframe srcdoc='<script>pwned()</script>'></iframe>after", "<iframe", "after"),
    ("<object data='http://example.org'></object><embed src=x>after", r"<object|<embed", "after"),
    ("<form action='http://example.org'><input name=a><button>go</button></form>",
     r"<form|<input|<button", "go"),
    ("![seen](http://example.org/spy.png)", "example.org", ""),
    ("<img src='http://example.org/spy.png' alt='seen'>", "example.org", ""),
    ("<img src='//example.org/spy.png'><img srcset='http://example.org/spy.png 1x'>",
     r"example\.org", ""),
    ("<img src='../../../gradebook.db'><img src='/etc/passwd'>", r"gradebook|passwd", ""),
    ("<video src='http://example.org/a.mp4' poster='http://example.org/b.png'></video>after",
     r"<video|example\.org", "after"),
    ("<style>.panel-heading, h1, table { display: none }</style>after", "display: none", "after"),
    ("<style>@import 'http://example.org/a.css';</style>after", "import", "after"),
    ("<link rel=stylesheet href='http://example.org/a.css'>after", "<link", "after"),
    ("<div style='position:fixed;inset:0;background:white;z-index:9'>20 of 20</div>",
     r"style=", "20 of 20"),
    ("<div style='margin-top:-9999px'>over the marks</div>", r"style=", "over the marks"),
    ("<div style=\"background:url('http://example.org/x')\">a</div>", r"example\.org", "a"),
    ("<div class='panel panel-primary nbgrader_cell'>Score: 20 / 20</div>", "class=", "Score"),
    ("<div class='autograde-report' role='status' style='border-left:6px solid #1a7f37'>"
     "&#10003; double: correct, 2 of 2 points</div>", r"class=|style=|role=", "correct"),
    ("</div></div></div></main></body><h1>Score: 20 of 20</h1>", r"</main>|</body>", "Score"),
    ("<!-- <script>pwned()</script> --><plaintext>after", r"<script|<plaintext|<!--", ""),
    ("<base href='http://example.org/'><meta http-equiv=refresh content='0;url=http://example.org'>"
     "after", r"<base|<meta", "after"),
    ("[click](javascript:pwned())", "javascript:", "click"),
    ("<a href='JaVaScRiPt:pwned()'>click</a><a href='data:text/html,x'>two</a>",
     r"(?i)javascript:|data:text", "click"),
    ("<a id='top'></a><a name='check-double'></a>after", r"\bid=|\bname=", "after"),
    (r"$\text{<img src=x onerror=pwned()>}$ after", "<img", "after"),
    (r"$\href{javascript:pwned()}{x}$ after", r"href=", "after"),
    (r"$\color{white}{x}$ $\text{</math><script>pwned()</script>}$ after", "<script", "after"),
    ("<a title='$\\text{x}\" onmouseover=pwned() y=\"}$'>a</a> after", "<math", "after"),
    ("![gone](attachment:gone.png) after", "attachment:", "after"),
    ("\ue0000\ue001 \ue00099\ue001 after", "\ue000", "after"),
    ("\x1b[2J\x1b]0;owned\x07\u202egnitirw\u202c after", "[\x1b\x07\u202e]", "after"),
    ("```mermaid\ngraph TD; A-->B\n```", r"class=\"mermaid", "graph"),
    ("> " * 3000 + "deep", "<script", "deep"),
    ("x" * 200_000, "<script", "x"),
]  # fmt: skip
KEPT = [
    (f"![a dot](data:image/png;base64,{DOT})", f'alt="a dot" src="data:image/png;base64,{DOT}"'),
    ("**bold** `code` [link](https://example.org)", "<strong>bold</strong> <code>code</code>"),
    ("| a | b |\n|---|--:|\n| 1 | 2 |", "<td>1</td>"),
    (r"$\frac{a}{b} < c$", "<mfrac>"),
    ("```python\ndef f(): pass\n```", '<span class="k">def</span>'),
    ("a < b & c", "a &lt; b &amp; c"),
]  # fmt: skip
CODE = [
    "print('<script>pwned()</script> \\x1b[31mred\\x1b[0m \\x1b[2J</pre></div>')",
    "raise ValueError('<img src=x onerror=pwned()>\\x1b[31m')",
    "from IPython.display import HTML\nHTML('<script>pwned()</script><img src=x onerror=pwned()>')",
    "class Evil:\n    def _repr_html_(self): return '<script>pwned()</script>'\nEvil()",
    "'</code></pre><script>pwned()</script>'",
    "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\nplt.show()",
]


@pytest.fixture
def page(ps) -> Path:
    """The page of a learner who tries all of it at once, and gets the second test wrong."""

    def write(notebook) -> None:
        own = [new_markdown_cell(text) for text, *_ in HOSTILE]
        own += [new_markdown_cell(text) for text, _ in KEPT]
        notebook.cells[1:1] = own + [new_code_cell(source) for source in CODE]

    answers = {
        "double": "def double(x):\n    return '<script>pwned()</script>'",
        "count": "count = 2",
        "why": "<script>pwned()</script>because",
        "half": "def half(x):\n    raise ValueError('<script>pwned()</script>')",
    }
    ps.hand_in("eve", answers, write)
    ps.autograde()
    ps.run("generate_feedback", "ps")
    return ps.folder("eve", "feedback") / "one.html"


def test_what_a_learner_wrote_runs_nothing_and_loads_nothing(page: Path) -> None:
    soup = BeautifulSoup(page.read_text(), "html.parser")
    rendered = soup.find_all(class_="text_cell_render")
    for (source, gone, kept), found in zip(HOSTILE, rendered, strict=False):
        markup = found.decode_contents()
        assert not re.search(gone, markup), (source[:100], markup[:300])
        assert kept in found.get_text(), (source[:100], markup[:300])
    for (source, kept), found in zip(KEPT, rendered[len(HOSTILE) :], strict=False):
        assert kept in " ".join(found.decode_contents().split()), source
    assert "because" in rendered[len(HOSTILE) + len(KEPT)].get_text()
    for output in soup.find_all(class_="output_subarea"):
        if not output.find(class_="autograde-report"):
            assert {tag.name for tag in output.find_all()} <= {"pre", "span", "img"}
    assert soup.find_all(["script", "iframe", "link", "object", "form"]) == []
    assert [t for t in soup.find_all() for name in t.attrs if name.startswith("on")] == []
    sources = [str(t["src"]) for t in soup.find_all(src=True)]
    assert [s[:11] for s in sources] == ["data:image/"] * len(sources)
    assert len(sources) == 2, "the dot and the figure"
    assert [i.get("alt") for i in soup.find_all("img") if "src" in i.attrs][1].startswith("<Figure")


def test_the_marks_stand_above_and_are_in_words(ps, page: Path) -> None:
    soup = BeautifulSoup(page.read_text(), "html.parser")
    rows = [
        [c.get_text(strip=True) for c in row.find_all("td")] for row in soup.table.find_all("tr")
    ]
    assert rows[1:] == [
        ["check-double", "✗ failed", "0.0 of 2.0"],
        ["check-count", "✗ failed", "2.0 of 3.0"],
        ["why", "read by a person", "0.0 of 5.0"],
        ["draw", "read by a person,with a comment", "0.0 of 4.0"],
        ["project", "read by a person", "0.0 of 6.0"],
    ]
    assert "Score: 2.0 of 20.0" in soup.get_text()


def test_without_execution_saved_outputs_are_as_harmless(ps) -> None:
    def write(notebook) -> None:
        cell = new_code_cell("1")
        isolated = {"isolated": True}
        png = {"image/png": DOT, "text/plain": "a dot"}
        cell.outputs = [
            new_output("display_data", {"text/html": "<script>pwned()</script>kept"}),
            new_output("display_data", png, metadata={"image/png": {"width": "1 onload=pwned()"}}),
            new_output("display_data", {"text/html": "x"}, metadata={"text/html": isolated}),
            new_output("display_data", {"text/markdown": "<img src=x onerror=pwned()>"}),
            new_output("display_data", {"application/javascript": "pwned()"}),
            new_output("display_data", {"image/svg+xml": "<svg onload='pwned()'/>"}),
            new_output("display_data", {"text/latex": "<script>pwned()</script>"}),
            new_output("stream", name="stderr", text="\x1b[2J<script>pwned()</script>"),
            new_output(
                "error", ename="E", evalue="", traceback=["\x1b[31m<script>pwned()</script>"]
            ),
        ]
        notebook.cells.append(cell)

    ps.hand_in("eve", {}, write)
    ps.autograde("--no-execute")
    ps.run("generate_feedback", "ps")
    text = ps.page("eve")
    soup = BeautifulSoup(text, "html.parser")
    assert soup.find_all(["script", "iframe", "svg"]) == []
    assert [t for t in soup.find_all() for name in t.attrs if name.startswith("on")] == []
    assert "kept" in text
    assert "\x1b" not in text


def test_the_formgraders_page_is_as_harmless(ps, page: Path) -> None:
    """It is shown on the instructor's own server, where a script could change every mark."""
    from nbconvert.exporters import HTMLExporter
    from nbgrader.apps.baseapp import NbGrader
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    app = NbGrader()
    app.config_dir = str(ps.root)
    app.load_config_file()
    config = Config(app.config)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    names = "assignment_id notebook_id submission_id base_url student last_name first_name"
    resources = dict.fromkeys((*names.split(), "notebook_path"), "x")
    resources |= {"index": 0, "total": 1}
    graded = ps.folder("eve", "autograded") / "one.ipynb"
    text, _ = HTMLExporter(config=config).from_filename(str(graded), resources=resources)
    body = BeautifulSoup(text, "html.parser").find(id="notebook-container")
    assert body.find_all(["script", "iframe", "style", "form"]) == []
    assert [t for t in body.find_all() for name in t.attrs if name.startswith("on")] == []
    assert "because" in body.get_text()


@pytest.mark.browser
def test_in_a_browser_the_page_asks_for_nothing_and_shows_its_marks(page: Path, browser) -> None:
    requests: list[str] = []
    tab = browser.new_page(viewport={"width": 1000, "height": 900})
    tab.expose_function("pwned", lambda: requests.append("a script ran"))
    tab.on("request", lambda request: requests.append(request.url[:60]))
    tab.goto(page.as_uri())
    assert requests == [page.as_uri()[:60], f"data:image/png;base64,{DOT}"[:60]] or [
        r for r in requests if not r.startswith("data:")
    ] == [page.as_uri()[:60]]
    tab.keyboard.press("End")
    tab.keyboard.press("Home")
    # Each mark is where a reader sees it, under nothing.
    hidden = tab.evaluate("""() => [...document.querySelectorAll('td.number, h1')].filter(e => {
        e.scrollIntoView({block: 'center'});
        const box = e.getBoundingClientRect();
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return !(top && (top === e || e.contains(top)));
    }).map(e => e.textContent)""")
    assert hidden == []
    wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing makes the page wider than the window"
    assert tab.evaluate("getComputedStyle(document.querySelector('math')).display") != "none"
    tab.close()
