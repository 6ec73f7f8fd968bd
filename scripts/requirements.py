#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/requirements.md against the tests: every requirement has a test that names it by a tag, and the page says which.

    scripts/requirements.py            complains about what is missing or not up to date
    scripts/requirements.py --write    writes the column of tests anew
"""
import pathlib
import re
import sys

PAGE = pathlib.Path("docs/requirements.md")
ROW = re.compile(r"^\| ([RI]\d+) \| (.*?) \|(.*)\|$")
TAG = re.compile(r"\[([RI]\d+)\]")
# A Catch2 test with its tags, over several lines; a check of a shell test with the tags in its name.
CATCH = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)(?:,\s*((?:"(?:[^"\\]|\\.)*"\s*)+))?\)')
SHELL = re.compile(r'^\s*check "(.*)"\s*$', re.MULTILINE)


def joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals or ""))


def named():
    """Requirement to the tests that name it: (file, what the test says)."""
    tests = {}
    for path in sorted(pathlib.Path("tests").rglob("*.cpp")):
        for name, tags in CATCH.findall(path.read_text(encoding="utf-8")):
            if "[.]" in joined(tags):
                continue  # run by name alone: no proof of anything
            for tag in TAG.findall(joined(tags)):
                tests.setdefault(tag, []).append((path, joined(name)))
    for path in sorted(pathlib.Path("tests").rglob("*.sh")):
        for text in SHELL.findall(path.read_text(encoding="utf-8")):
            for tag in TAG.findall(text):
                tests.setdefault(tag, []).append((path, re.sub(r"\s*\[[RI]\d+\]", "", text)))
    return tests


def cell(tests):
    shown = [f"`{path.relative_to('tests')}`: {name}" for path, name in tests[:3]]
    more = len(tests) - len(shown)
    text = "<br>".join(shown) + (f"<br>and {more} more" if more > 0 else "")
    return text.replace("|", "\\|")


def main():
    tests = named()
    lines, complaints, rows = [], [], set()
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        row = ROW.match(line)
        if row:
            tag = row[1]
            rows.add(tag)
            if tag not in tests:
                complaints.append(f"{PAGE}: no test names {tag}")
            line = f"| {tag} | {row[2]} | {cell(tests.get(tag, []))} |"
        lines.append(line)
    complaints += [f"{path}: names {tag}, which is not in {PAGE}"
                   for tag in sorted(set(tests) - rows) for path, _ in tests[tag][:1]]
    text = "\n".join(lines) + "\n"
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    elif text != PAGE.read_text(encoding="utf-8"):
        complaints.append(f"{PAGE}: not up to date; run scripts/requirements.py --write")
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
