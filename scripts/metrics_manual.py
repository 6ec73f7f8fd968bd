#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of metrics in docs/metrics.md against the catalogue (daemon/metrics/catalogue.cpp), and the names that alert
rules and board use. With --write the table is made anew."""
import pathlib
import re
import sys

PAGE = pathlib.Path("docs/metrics.md")
CATALOGUE = pathlib.Path("daemon/metrics/catalogue.cpp")
USERS = (pathlib.Path("config/prometheus/bindhss.rules.yml"), pathlib.Path("config/grafana/bindhss.json"))
HEAD = "| Metric | Type | Labels | What it is |\n|---|---|---|---|\n"
ROW = re.compile(r'\{"(\w+)", Type::(\w+), "([^"]*)",\s*"([^"]*)"\}')
NAME = re.compile(r"\b(?:bindhss|process)_[a-z0-9_]+\b")


def described(name, kinds):
    """The metric itself, or a part of a histogram."""
    if name in kinds:
        return True
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    return kinds.get(base) == "histogram"


def main():
    source = CATALOGUE.read_text(encoding="utf-8")
    rows = ROW.findall(source)
    problems = []
    if len(rows) != len(re.findall(r'^    \{"', source, re.M)):
        problems.append(f"{CATALOGUE}: a row cannot be read")
    kinds = {name: kind for name, kind, _, _ in rows}
    table = HEAD + "".join(
        f"| `{name}` | {kind} | {labels} | {text} |\n" for name, kind, labels, text in rows)
    page = PAGE.read_text(encoding="utf-8")
    begin = page.find(HEAD)
    if begin < 0:
        raise SystemExit(f"{PAGE}: has no table that begins with {HEAD.splitlines()[0]}")
    end = begin + len(HEAD)
    while page.startswith("|", end):
        end = page.index("\n", end) + 1
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page[:begin] + table + page[end:], encoding="utf-8")
    elif page[begin:end] != table:
        problems.append(f"{PAGE}: the table of metrics is not that of {CATALOGUE}: scripts/metrics_manual.py --write")
    for user in USERS:
        for name in sorted(set(NAME.findall(user.read_text(encoding="utf-8")))):
            if not described(name, kinds):
                problems.append(f"{user}: there is no metric {name}")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
