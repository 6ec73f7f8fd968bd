# SPDX-License-Identifier: Apache-2.0
"""Reads a guide: which of its blocks are run, which are files, which are marked as not run.

A fenced block in `console` has commands behind `$ ` and what they print below them; one in `sh` is a script. Comments of
HTML, which no reader sees, say the rest:

    <!-- not run: REASON -->        the next block cannot be run here
    <!-- file: PATH -->             the next block is the content of this file
    <!-- exit: CODE -->             the last command of the next block ends with CODE
    <!-- eventually -->             the next block's commands are repeated until they print what is expected, 20 s at most
    <!-- hidden: COMMAND -->        is run before the next block; what it does goes without saying for the reader
    <!-- replace: TEXT = OTHER -->  all over the page TEXT stands for OTHER, in which $port and the like are of the sandbox
    <!-- daemon: COMMENT -->        the page starts the daemon itself
"""
import dataclasses
import re

DIRECTIVE = re.compile(r"^<!-- (not run|file|exit|eventually|hidden|replace|daemon)(?:: (.*?))? -->$")
FENCE = re.compile(r"^( *)```(\w*)\s*$")
HERE = re.compile(r"(?<!<)<<-?'?(\w+)'?")


class PageError(Exception):
    pass


@dataclasses.dataclass
class Command:
    text: str
    expected: list  # of lines; empty: whatever it prints


@dataclasses.dataclass
class Block:
    line: int
    language: str
    lines: list
    not_run: str = ""
    file: str = ""
    exit: int = 0
    eventually: bool = False
    hidden: list = dataclasses.field(default_factory=list)

    def commands(self):
        """Those of a console block; a script is one command."""
        if self.language == "sh":
            return [Command("\n".join(self.lines), [])]
        result = []
        lines = iter(self.lines)
        for line in lines:
            if line.startswith("$ "):
                result.append(Command(whole_command(line[2:], lines, self.line), []))
            elif result:
                result[-1].expected.append(line)
            else:
                raise PageError(f"line {self.line}: begins with no '$ '")
        for command in result:
            while command.expected and not command.expected[-1]:
                command.expected.pop()
        return result


def whole_command(text, lines, number):
    """With the lines that it goes on in: after a backslash, or up to the end of a here-document."""
    here = HERE.search(text)
    while text.endswith("\\") or (here and not re.search(rf"\n{here.group(1)}$", text)):
        following = next(lines, None)
        if following is None:
            raise PageError(f"line {number}: a command has no end")
        text += "\n" + following
        here = here or HERE.search(following)
    return text


class Page:
    def __init__(self, text):
        self.blocks = []
        self.replacements = []
        self.starts_daemon = True
        self._pending = {"hidden": []}
        lines = iter(enumerate(text.split("\n"), 1))
        previous = ""
        for number, line in lines:
            fence = FENCE.match(line)
            if fence:
                self._block(number, fence, lines)
            elif DIRECTIVE.match(line):
                self._directive(number, *DIRECTIVE.match(line).groups())
            elif line.startswith("<!--"):
                raise PageError(f"line {number}: is not a comment that the test knows")
            elif line.startswith("    ") and not previous:
                raise PageError(f"line {number}: commands and files stand in fenced blocks, so that they are tested")
            if line.strip() and not fence and not DIRECTIVE.match(line):
                self._nothing_pending(number)
            previous = line.strip()

    def _directive(self, number, name, value):
        if name == "replace":
            before, equals, after = (value or "").partition(" = ")
            if not equals:
                raise PageError(f"line {number}: replace wants TEXT = OTHER")
            self.replacements.append((before, after))
        elif name == "daemon":
            self.starts_daemon = False
        elif name == "hidden":
            self._pending["hidden"].append(value)
        elif name == "eventually":
            self._pending["eventually"] = True
        elif not value:
            raise PageError(f"line {number}: '{name}' says nothing")
        else:
            self._pending[name.replace(" ", "_")] = int(value) if name == "exit" else value

    def _nothing_pending(self, number):
        if len(self._pending) > 1 or self._pending["hidden"]:
            raise PageError(f"line {number}: a comment for a block stands before something else")

    def _block(self, number, fence, lines):
        indent, language = fence.groups()
        content = []
        for _, line in lines:
            if line.strip() == "```":
                break
            content.append(line[len(indent):])
        else:
            raise PageError(f"line {number}: the block has no end")
        block = Block(number, language, content, **self._pending)
        self._pending = {"hidden": []}
        if language in ("console", "sh") or block.file or block.hidden:
            self.blocks.append(block)
        elif language == "":
            raise PageError(f"line {number}: say what is in the block: ```console, ```yaml, ```text")
