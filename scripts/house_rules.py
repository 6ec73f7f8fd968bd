#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules of this tree that neither compiler nor linker can hold; prints file:line and the rule, exits 1 on any."""
import re
import sys

# Which folders may include which system headers (docs/decisions/0003): everything else may not.
LIBRARIES = {
    "freeDiameter/": ("diameter_dict/", "daemon/diameter/", "tests/", "bench/"),
    "pqxx/": ("daemon/store/postgres/", "tests/", "bench/"),
    "libpq-fe.h": ("daemon/store/postgres/", "tests/"),
    "openssl/": ("daemon/crypto/", "tests/", "bench/"),
    "spdlog/": ("daemon/log/",),
    "boost/beast/": ("daemon/http/", "tests/"),
    "prometheus/": ("daemon/metrics/", "tests/", "bench/"),
}
# Layers that know neither network, database nor log.
PURE = ("daemon/types/", "daemon/crypto/", "daemon/aka/", "daemon/binding/", "daemon/procedure/")
PURE_FORBIDDEN = ("diameter/", "diameter_dict/", "store/postgres/", "store/memory/", "log/", "net/", "http/")
FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 70

INCLUDE = re.compile(r'#include [<"]([^>"]+)[>"]')
BANNED = (
    (re.compile(r"\bassert\s*\("), "assert(): answer bad input, throw on a fault of ours"),
    (re.compile(r"\bnew\s+[A-Za-z_:]+[({\[;]"), "naked new: use std::make_unique"),
    (re.compile(r"\b(printf|sprintf|strcpy|strcat)\s*\("), "C string call: use the library's"),
    (re.compile(r"(log_?|logger_?)(\.|->)\w+\(.*\.view\(\)"), "octets in a log call: key material may not be logged"),
)


def check_includes(path, line):
    match = INCLUDE.match(line)
    if not match:
        return
    header = match.group(1)
    for prefix, folders in LIBRARIES.items():
        if header.startswith(prefix) and not path.startswith(folders):
            yield f"only {', '.join(folders)} may include {header}"
    if path.startswith(PURE) and header.startswith(PURE_FORBIDDEN):
        yield f"a pure layer may not include {header}"


def check_functions(lines):
    """A function body begins with a line that ends in '{' at an indentation of at most 4 and ends at its '}'."""
    start = indent = None
    for number, line in enumerate(lines, 1):
        if start is None:
            match = re.match(r"( {0,4})(?!namespace|class|struct|enum|union|extern)[\w~:<\[].*\)[\w\s>:&*,()-]*\{$", line)
            if match:
                start, indent = number, match.group(1)
        elif line.startswith(indent + "}"):
            if number - start > FUNCTION_LINES_MAX:
                yield start, f"a function of {number - start} lines; {FUNCTION_LINES_MAX} is the most"
            start = None


def check(path):
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    if "SPDX-License-Identifier: Apache-2.0" not in (lines or [""])[0]:
        yield 1, "the first line has to be the SPDX head"
    if len(lines) > FILE_LINES_MAX:
        yield len(lines), f"{len(lines)} lines; {FILE_LINES_MAX} is the most"
    for number, line in enumerate(lines, 1):
        for problem in check_includes(path, line):
            yield number, problem
        if path.startswith(("daemon/", "diameter_dict/", "tools/")) and "NOLINT" not in line:
            for pattern, text in BANNED:
                if pattern.search(line.split("//")[0]):
                    yield number, text
    yield from check_functions(lines)


def main():
    problems = [f"{path}:{line}: {text}" for path in sys.argv[1:] for line, text in check(path)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
