#!/usr/bin/env python3
"""Write each addon's README.rst and static/description/index.html from its manifest and its ``readme/*.md``.

README.rst is what repositories and package indexes show, index.html is what Odoo's Apps screen shows; both say the
same, because they come from the same fragments. Exits with 1 when a file had to be written.
"""

import ast
import html
import re
import sys
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

# Fragment, in the order of reading, and the heading it gets.
SECTIONS = {
    "DESCRIPTION": "",
    "CONTEXT": "Why",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "DEVELOP": "Extending",
    "ROADMAP": "Known limits",
    "HISTORY": "Changes",
    "CONTRIBUTORS": "Contributors",
    "CREDITS": "Credits",
}
UNDERLINES = "=-~^\"'"
GENERATED = "This file is generated from the manifest and the fragments in readme/: change those."


def markdown() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


# --- reStructuredText -------------------------------------------------------------------------------------------------


class Rst:
    """Turn a tree of Markdown into reStructuredText. One method per kind of node; each returns text."""

    def __init__(self, level: int = 1):
        self.level = level  # of a Markdown heading of the first level

    def blocks(self, node) -> str:
        return "\n\n".join(filter(None, (self.render(child) for child in node.children)))

    def inlines(self, node) -> str:
        parts = [self.render(child) for child in node.children]
        # Inline markup must be set apart from a word it touches.
        text = ""
        for part in parts:
            opens = text[-1:].isalnum() and part.startswith(("*", "`"))
            closes = text.endswith(("*", "`", "_")) and part[:1].isalnum()
            text += ("\\ " if opens or closes else "") + part
        return text

    def render(self, node) -> str:
        return getattr(self, f"on_{node.type}")(node)

    def on_root(self, node):
        return self.blocks(node)

    def on_heading(self, node):
        return heading(self.blocks(node), self.level + int(node.tag[1:]) - 1)

    def on_paragraph(self, node):
        return self.blocks(node)

    def on_inline(self, node):
        return self.inlines(node)

    def on_text(self, node):
        return re.sub(r"([*`|\\]|_(?=\W|$))", r"\\\1", node.content)

    def on_softbreak(self, node):
        return "\n"

    def on_hardbreak(self, node):
        return "\n"

    def on_strong(self, node):
        return f"**{self.inlines(node)}**"

    def on_em(self, node):
        return f"*{self.inlines(node)}*"

    def on_code_inline(self, node):
        return f"``{node.content}``"

    def on_link(self, node):
        return f"`{self.inlines(node)} <{node.attrs['href']}>`__"

    def on_image(self, node):
        return f"\n\n.. image:: {asset(node.attrs['src'])}\n   :alt: {node.content}\n\n"

    def on_fence(self, node):
        language = node.info.strip() or "text"
        return f".. code-block:: {language}\n\n{indent(node.content.rstrip(), '   ')}"

    def on_code_block(self, node):
        return f"::\n\n{indent(node.content.rstrip(), '   ')}"

    def on_blockquote(self, node):
        return indent(self.blocks(node), "    ")

    def on_hr(self, node):
        return "----"

    def on_html_block(self, node):
        return "" if node.content.startswith("<!--") else f".. raw:: html\n\n{indent(node.content.rstrip(), '   ')}"

    def on_html_inline(self, node):
        return ""

    def on_bullet_list(self, node):
        return self.items(node, lambda number: "- ")

    def on_ordered_list(self, node):
        first = int(node.attrs.get("start", 1))
        return self.items(node, lambda number: f"{first + number}. ")

    def items(self, node, mark) -> str:
        entries = []
        for number, item in enumerate(node.children):
            prefix = mark(number)
            entries.append(prefix + indent(self.blocks(item), " " * len(prefix)).lstrip())
        return ("\n\n" if any("\n\n" in entry for entry in entries) else "\n").join(entries)

    def on_table(self, node):
        rows = [[self.blocks(cell) for cell in row.children] for part in node.children for row in part.children]
        lines = [".. list-table::", "   :header-rows: 1", ""]
        for row in rows:
            for number, cell in enumerate(row):
                lines.append(("   * - " if number == 0 else "     - ") + indent(cell, " " * 7).lstrip())
        return "\n".join(line.rstrip() for line in lines)


def indent(text: str, by: str) -> str:
    return "\n".join(by + line if line else line for line in text.split("\n"))


def heading(text: str, level: int) -> str:
    return f"{text}\n{UNDERLINES[min(level, len(UNDERLINES) - 1)] * len(text)}"


def asset(source: str) -> str:
    """A fragment names a picture relative to itself; the README lies one folder higher."""
    return source.removeprefix("../")


def to_rst(text: str, level: int = 1) -> str:
    return re.sub(r"\n{3,}", "\n\n", Rst(level).render(SyntaxTreeNode(markdown().parse(text)))).strip()


# --- the two files ----------------------------------------------------------------------------------------------------


def fragments(addon: Path, manifest: dict):
    """Yield (heading, Markdown) of each section that the addon has; the summary stands in for a description."""
    for name, title in SECTIONS.items():
        path = addon / "readme" / f"{name}.md"
        if path.exists():
            yield title, path.read_text().strip()
        elif name == "DESCRIPTION":
            yield title, manifest.get("summary", manifest["name"])


def readme_rst(addon: Path, manifest: dict) -> str:
    name = manifest["name"]
    bar = "=" * len(name)
    parts = [f"{bar}\n{name}\n{bar}", f"..\n   {GENERATED}"]
    for title, text in fragments(addon, manifest):
        if title:
            parts.append(heading(title, 0))
        parts.append(to_rst(text))
    parts.append(f"{heading('Licence', 0)}\n\n{manifest['license']}. Technical name: ``{addon.name}``.")
    return "\n\n".join(parts) + "\n"


def index_html(addon: Path, manifest: dict) -> str:
    parts = [f"<h1>{html.escape(manifest['name'])}</h1>"]
    for title, text in fragments(addon, manifest):
        if title:
            parts.append(f"<h2>{title}</h2>")
        body = markdown().render(text).strip().replace('src="../static/description/', 'src="')
        # A fragment's own headings stand below that of its section.
        parts.append(re.sub(r"(</?h)([1-4])>", lambda tag: f"{tag[1]}{int(tag[2]) + 2}>", body))
    body = "\n".join(parts)
    return f'<!-- {GENERATED} -->\n<section class="oe_container">\n{body}\n</section>\n'


def write(path: Path, text: str) -> bool:
    """Write ``text`` if the file says something else; tell whether it did."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(f"written: {path}")
    return True


def main() -> int:
    changed = False
    for path in sorted(Path().glob("*/__manifest__.py")):
        addon, manifest = path.parent, ast.literal_eval(path.read_text())
        changed |= write(addon / "README.rst", readme_rst(addon, manifest))
        changed |= write(addon / "static" / "description" / "index.html", index_html(addon, manifest))
    return int(changed)


if __name__ == "__main__":
    sys.exit(main())
