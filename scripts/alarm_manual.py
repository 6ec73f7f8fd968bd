#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of alarms in docs/alarms.md against the catalogue (daemon/alarm/catalogue.cpp): each alarm with its
severity, cause and remedy. With --write the table is made anew."""
import pathlib
import re
import sys

PAGE = pathlib.Path("docs/alarms.md")
CATALOGUE = pathlib.Path("daemon/alarm/catalogue.cpp")
IDS = pathlib.Path("daemon/alarm/alarm.h")
HEAD = "| Alarm | Severity | What happened | Why | What to do |\n|---|---|---|---|---|\n"
ROW = re.compile(r"Description\{\s*Id::(\w+),(.*?)\n    \},", re.S)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


def catalogue():
    """name, severity, text, cause, remedy of each row."""
    for identifier, body in ROW.findall(CATALOGUE.read_text(encoding="utf-8")):
        severity = re.search(r"Severity::(\w+),", body)
        texts = ["".join(LITERAL.findall(part)) for part in re.split(r",\s*\n", body)]
        texts = [text for text in texts if text]
        if severity is None or len(texts) != 4 or texts[0] != identifier:
            raise SystemExit(f"{CATALOGUE}: the row of {identifier} cannot be read")
        yield texts[0], severity.group(1), *texts[1:]


def line(name, severity, *texts):
    cells = [f"`{name}`", severity, *texts]
    return "| " + " | ".join(cell.replace("<", "&lt;").replace(">", "&gt;") for cell in cells) + " |\n"


def identifiers():
    body = re.search(r"enum class Id[^{]*\{(.*?)\};", IDS.read_text(encoding="utf-8"), re.S).group(1)
    return re.findall(r"^\s*(\w+),", body, re.M)


def main():
    rows = list(catalogue())
    problems = [f"{CATALOGUE}: {name} has no row" for name in identifiers() if name not in {row[0] for row in rows}]
    page = PAGE.read_text(encoding="utf-8")
    begin = page.find(HEAD)
    if begin < 0:
        raise SystemExit(f"{PAGE}: has no table that begins with {HEAD.splitlines()[0]}")
    end = begin + len(HEAD)
    while page.startswith("|", end):
        end = page.index("\n", end) + 1
    table = HEAD + "".join(line(*row) for row in rows)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page[:begin] + table + page[end:], encoding="utf-8")
    elif page[begin:end] != table:
        problems.append(f"{PAGE}: the table of alarms is not that of {CATALOGUE}: scripts/alarm_manual.py --write")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
