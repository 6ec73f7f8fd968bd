# SPDX-License-Identifier: Apache-2.0
"""Text for manual pages: what the programs say of themselves (--help), and what the configuration does."""
import re

COLUMN = 30  # where CLI11 begins a description
ENTRY = re.compile(r"( *)(?P<key>[a-z_0-9]+):(?P<value>.*)$")


def escape(text):
    """Plain text as roff. A hyphen that begins an option is one to be copied into a shell; others may be typographic."""
    text = text.replace("\\", "\\e")
    text = re.sub(r"(?<!\w)-|-(?=-)", r"\\-", text)
    text = text.replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return "\n".join("\\&" + line if line.startswith(".") else line for line in text.split("\n"))


def literal(text):
    """The same for what is typed: every hyphen is a hyphen."""
    return escape(text).replace("\\-", "-").replace("-", "\\-")


class Help:
    """What `program [command...] --help` says."""

    def __init__(self, text):
        self.description, self.usage, self.footer, self.other_names = "", "", [], []
        self.parts = {"Positionals": [], "Options": [], "Subcommands": []}
        lines = text.split("\n")
        part = None
        for number, line in enumerate(lines):
            following = lines[number + 1] if number + 1 < len(lines) else ""
            if line.startswith("Usage: "):
                self.usage, part = line[len("Usage: "):], ""
            elif line.rstrip(":") in self.parts:
                part = line.rstrip(":")
            elif part is None:
                self.description = (self.description + " " + line).strip()
            elif line.startswith(" " * COLUMN) and self.parts.get(part):
                name, text_before = self.parts[part][-1]
                self.parts[part][-1] = (name, (text_before + " " + line.strip()).strip())
            elif line.startswith("  ") and part:
                self.parts[part].append(self.entry(line, following))
            elif line:
                part = ""
                self.footer.append(line)

    @staticmethod
    def entry(line, following):
        alone = following.startswith(" " * COLUMN) or len(line) <= COLUMN or line[COLUMN - 1] != " "
        return (line.strip(), "") if alone else (line[:COLUMN].strip(), line[COLUMN:].strip())


def option(spec, text):
    """An option or argument: its name in bold, what it takes in italics, the rest as a sentence of its own."""
    notes = []
    spec, excludes = (spec.split(" Excludes: ") + [""])[:2]
    if excludes:
        notes.append("not with " + excludes.replace(" ", ", "))
    if " REQUIRED" in spec:
        spec = spec.replace(" REQUIRED", "")
        notes.append("required")
    names, _, takes = spec.partition(" ")
    takes, _, default = takes.partition("=")
    kind, _, values = takes.partition(":")
    if default:
        notes.append("default " + default)
    if values:
        notes.append("one of " + values.strip("{}").replace(",", ", ") if values.startswith("{") else values)
    head = "\\fB" + literal(names.replace(",", ", ")) + "\\fR" + (f" \\fI{literal(kind)}\\fR" if kind else "")
    tail = f" ({'; '.join(notes)})" if notes else ""
    said = escape((text + tail).strip()) or "\\&"
    return f".TP\n{head}\n{said}\n"


def options(entries):
    return "".join(option(*entry) for entry in entries)


def settings(lines):
    """The file of the configuration, which has each key with its comment and default, as one section for each top-level
    mapping."""
    result, path, comment = [], [], []
    for line in lines[next(number for number, line in enumerate(lines) if not line.strip()):]:
        match = ENTRY.match(line)
        if line.lstrip().startswith("#"):
            comment.append(line.strip()[1:].removeprefix(" "))
        elif match:
            depth = len(match[1]) // 2
            path = path[:depth] + [match["key"]]
            result.append(setting(path, match["value"].strip(), comment))
            comment = []
        elif line.strip():
            raise SystemExit(f"the configuration has a line that is neither key nor comment: {line}")
    return "".join(result)


def setting(path, value, comment):
    """One key. A comment may end in an example, which begins with the key itself."""
    begin = next((number for number, line in enumerate(comment) if line == path[-1] + ":"), len(comment))
    text = escape("\n".join(comment[:begin]).strip())
    if not text:
        raise SystemExit(f"the configuration says nothing of {'.'.join(path)}")
    example = "\n".join(comment[begin:])
    shown = f".IP\n.EX\n{literal(example)}\n.EE\n" if example else ""
    name = literal(".".join(path))
    if not value:
        return f".SS {name}\n{text}\n{shown}"
    return f".TP\n\\fB{name}\\fR: {literal(value)}\n{text}\n{shown}"
