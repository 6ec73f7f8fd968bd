#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of guides, each guide on a machine of its own (sandbox.py), and compares what they print. Every block of
commands is run, or says in the page why not (page.py).

    run_docs.py docs/quick-start.md...
"""
import pathlib
import re
import sys
import time

from page import Page, PageError
from sandbox import FOLDERS, PORTS, Sandbox

ROOT = pathlib.Path(__file__).resolve().parents[2]


def squeeze(line):
    """Columns are as wide as what else is in the table."""
    return re.sub(r"\s+", " ", line).strip()


def matches(expected, printed):
    """`...` in a line is any text, a line of its own any lines."""
    expected, printed = [squeeze(line) for line in expected], [squeeze(line) for line in printed]
    while printed and not printed[-1]:
        printed.pop()
    return matches_from(expected, printed, 0, 0)


def matches_from(expected, printed, e, p):
    while e < len(expected) and expected[e] != "...":
        pattern = ".*".join(re.escape(part) for part in expected[e].split("..."))
        if p >= len(printed) or not re.fullmatch(pattern, printed[p]):
            return False
        e, p = e + 1, p + 1
    if e == len(expected):
        return p == len(printed)
    return any(matches_from(expected, printed, e + 1, after) for after in range(p, len(printed) + 1))


class Run:
    def __init__(self, path):
        self.page = Page(path.read_text(encoding="utf-8"))
        self.sandbox = Sandbox(ROOT)
        self.done = 0
        self.left = []

    def here(self, text):
        """The text with this machine's places in it."""
        for before, after in self.page.replacements:
            for name, value in self.sandbox.values.items():
                after = after.replace("$" + name, value)
            text = text.replace(before, after)
        for folder, here in FOLDERS.items():
            text = text.replace(folder, f"{self.sandbox.world}/{here}")
        for usual, port in PORTS.items():
            text = text.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{self.sandbox.values[port]}")
        return text

    def all(self):
        self.sandbox.begin(self.page.starts_daemon)
        for block in self.page.blocks:
            if block.not_run:
                self.left.append(f"line {block.line}: {block.not_run}")
                continue
            for hidden in block.hidden:
                self.command(block, hidden, [], 0)
            if block.file:
                self.sandbox.write(self.here(block.file), self.here("\n".join(block.lines)) + "\n")
            if block.language in ("console", "sh"):
                self.block(block)
        log = "\n".join(self.sandbox.log())
        if re.search(r" (diameter|s6a|worker)_fault ", log):
            raise PageError(f"the daemon had a fault:\n{log}")

    def block(self, block):
        commands = block.commands()
        for command in commands:
            text = self.here(command.text)
            if block.language == "sh":
                self.sandbox.write("script.sh", text)
                text = "bash -eo pipefail script.sh"
            self.command(block, text, [self.here(line) for line in command.expected],
                         block.exit if command is commands[-1] else 0)
            self.done += 1

    def command(self, block, text, expected, exit_code):
        text = self.here(text)
        deadline = time.monotonic() + (20 if block.eventually else 0)
        while True:
            code, printed = self.sandbox.run(text)
            good = code == exit_code and (not expected or matches(expected, printed.split("\n")))
            if good or time.monotonic() > deadline:
                break
            time.sleep(0.3)
        if not good:
            raise PageError(f"line {block.line}: $ {text}\n  exit code {code}, expected {exit_code}; printed:\n{printed}" +
                            ("  expected:\n" + "\n".join(expected) if expected else ""))


def run(path):
    outcome = None
    try:
        outcome = Run(path)
        outcome.all()
    except (PageError, RuntimeError) as error:
        print(f"{path}: {error}")
        if outcome is not None:
            print("--- last lines of the daemon's log:", *outcome.sandbox.log(), sep="\n")
        return False
    finally:
        if outcome is not None:
            outcome.sandbox.end()
    print(f"{path}: {outcome.done} commands run, {len(outcome.left)} blocks not run")
    for reason in outcome.left:
        print(f"  not run, {reason}")
    if outcome.done == 0:
        print(f"{path}: nothing was run")
    return outcome.done > 0


def main():
    pages = [pathlib.Path(argument) for argument in sys.argv[1:]]
    if not pages:
        print(__doc__)
        return 2
    return 0 if all([run(page) for page in pages]) else 1


if __name__ == "__main__":
    sys.exit(main())
