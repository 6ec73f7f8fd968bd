#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/ts29272.md against the code: every AVP of TS 29.272 in the dictionary is named there, none that the codec
reads or writes is called left out, and every file that the page names is there."""
import pathlib
import re
import sys

PAGE = pathlib.Path("docs/ts29272.md")
VENDOR_3GPP_CODES = range(1400, 1800)


def dictionary():
    text = pathlib.Path("diameter_dict/s6a_avps.cpp").read_text(encoding="utf-8")
    for code, name in re.findall(r's6a\((\d+), "([^"]+)"', text):
        if int(code) in VENDOR_3GPP_CODES:
            yield f"{code} {name}"


def codec():
    """The codes that the codec uses, by the names of avp_id.h."""
    ids = pathlib.Path("daemon/diameter/avp_id.h").read_text(encoding="utf-8")
    codes = dict(re.findall(r"AvpId (\w+)\{(\d+), vendor_3gpp\}", ids))
    for path in pathlib.Path("daemon/diameter").glob("*.cpp"):
        for name in re.findall(r"avp_id::(\w+)", path.read_text(encoding="utf-8")):
            if name in codes:
                yield codes[name]


def problems():
    page = PAGE.read_text(encoding="utf-8")
    handled, _, left_out = page.partition("Left out:")
    for avp in dictionary():
        if not re.search(rf"\b{re.escape(avp)}\b", page):
            yield f"AVP {avp} is not named"
    used = set(codec())
    for code in re.findall(r"\b(1[4-7]\d\d) [A-Z3]", left_out):
        if code in used:
            yield f"AVP {code} is called left out, but the codec uses it"
    for file in re.findall(r"`((?:unit|subscription|s6a|store|interop|system|fuzz)/[\w./]+)`", handled):
        if not any(pathlib.Path(root, file).exists() for root in ("tests", "daemon")):
            yield f"{file} is named, but is not there"


def main():
    found = [f"{PAGE}: {problem}" for problem in problems()]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
