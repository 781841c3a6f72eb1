"""How docs/ becomes a site that needs no network: python -m sphinx -W docs build/site."""

import re

project = "autograder"
html_title = project
extensions = ["myst_parser"]
root_doc = "index"
# So that a link to a heading is checked.
myst_heading_anchors = 3
html_theme = "furo"
html_copy_source = False
html_show_sphinx = False
# A block of several files, or with "…", is nobody's program.
highlight_language = "text"
suppress_warnings = ["misc.highlighting_failure"]


def add_contents(app, page, source):
    """Give the index what a generator needs to know: its pages, by the headings they stand under.

    Written into the page it would be noise for who reads the text.
    """
    if page != root_doc:
        return
    seen = set()
    for heading, section in re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", source[0], re.MULTILINE):
        listed = dict.fromkeys(re.findall(r"\]\((\w+)\.md", section))
        new = [name for name in listed if name not in seen]
        seen.update(new)
        source[0] += "\n".join(
            ["", "```{toctree}", ":hidden:", f":caption: {heading}", "", *new, "```", ""]
        )


def setup(app):
    app.connect("source-read", add_contents)
