#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages and completion from what the programs say of themselves, so that neither can be behind them.

    packaging/manual.py --out FOLDER --version N --config config/bindhssd.yaml BINDHSSD BINDHSSCTL BINDHSS_EMU BINDHSS_DICT

A template of packaging/manual/ has @SYNOPSIS@, @OPTIONS@, @COMMANDS@ and @SETTINGS@ where the generated parts go."""
import argparse
import pathlib
import re
import subprocess

import roff

TEMPLATES = pathlib.Path(__file__).parent / "manual"


def ask(program, command):
    """The help of a command, and of all commands below it: {(words): Help}, in the order in which the program names them."""
    run = subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=False)
    if run.returncode != 0 or not run.stdout:
        raise SystemExit(f"{program} {' '.join(command)} --help: exit code {run.returncode}, {run.stderr.strip()}")
    found = roff.Help(run.stdout)
    tree = {command: found}
    for name, _ in found.parts["Subcommands"]:
        first, *others = name.split(", ")
        tree.update(ask(program, (*command, first)))
        tree[(*command, first)].other_names = others
    return tree


def without_help(entries):
    return [entry for entry in entries if not entry[0].startswith("-h,")]


def synopsis(program, tree):
    usages = [(words, found) for words, found in tree.items()
              if not found.parts["Subcommands"] or found.parts["Positionals"] or len(tree) == 1]
    lines = []
    for words, found in usages:
        # CLI11 names the program by the path it was called by.
        rest = found.usage.split(" ", 1 + len(words))[1 + len(words):]
        lines.append(f"\\fB{roff.literal(' '.join((program, *words)))}\\fR {roff.literal(' '.join(rest))}".strip())
    return "\n.br\n".join(lines) + "\n"


def commands(tree):
    text = ""
    for words, found in tree.items():
        if not words:
            continue
        title = ", ".join(" ".join((*words[:-1], name)) for name in (words[-1], *found.other_names))
        text += f".SS {roff.literal(title)}\n{roff.escape(found.description)}.\n"
        text += roff.options(found.parts["Positionals"] + without_help(found.parts["Options"]))
    return text


def page(name, fill):
    text = (TEMPLATES / f"{name}.in").read_text(encoding="utf-8")
    for word, value in fill.items():
        text = text.replace(f"@{word}@\n", value).replace(f"@{word}@", value)
    return text


def names(spec):
    """The options that an entry of the help has: -h,--help TEXT."""
    return [name for name in spec.split(" ")[0].split(",") if name.startswith("-")]


def completion(tree):
    """Words for each command, and which options take a value, or a file."""
    words, valued, files = {}, set(), {"--config", "--keys", "--token-file", "--ca", "--certificate", "--private-key"}
    for path, found in tree.items():
        entries = found.parts["Options"]
        words[path] = [name for entry, _ in found.parts["Subcommands"] for name in entry.split(", ")]
        words[path] += [name for spec, _ in entries for name in names(spec) if name.startswith("--")]
        for spec, text in entries:
            own = spec.split(" Excludes:")[0]
            if " " in own:
                valued.update(names(spec))
                if re.search(r"\bfile\b", own + " " + text, re.IGNORECASE):
                    files.update(names(spec))
        if any(spec.startswith("file") for spec, _ in found.parts["Positionals"]):
            words[path].append("@files")
        for name in found.other_names:
            words[(*path[:-1], name)] = words[path]
    table = "\n".join(f"    [{' '.join(path) or '-'}]=\"{' '.join(words[path])}\"" for path in words)
    template = (TEMPLATES / "bindhssctl.bash.in").read_text(encoding="utf-8")
    return (template.replace("@WORDS@", table).replace("@VALUED@", " ".join(sorted(valued - files)))
            .replace("@FILES@", " ".join(sorted(files))))


def main():
    arguments = argparse.ArgumentParser()
    for name in ("--out", "--version", "--config"):
        arguments.add_argument(name, required=True)
    arguments.add_argument("programs", nargs=4)
    given = arguments.parse_args()
    out = pathlib.Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    for name, program in zip(("bindhssd.8", "bindhssctl.1", "bindhss-emu.1", "bindhss-dict.1"), given.programs):
        tree = ask(program, ())
        stem = name.rsplit(".", 1)[0]
        fill = {"VERSION": given.version, "SYNOPSIS": synopsis(stem, tree), "COMMANDS": commands(tree),
                "OPTIONS": roff.options(tree[()].parts["Options"])}
        (out / name).write_text(page(name, fill), encoding="utf-8")
        if stem == "bindhssctl":
            (out / "bindhssctl.bash").write_text(completion(tree), encoding="utf-8")
    config = pathlib.Path(given.config).read_text(encoding="utf-8").split("\n")
    fill = {"VERSION": given.version, "SETTINGS": roff.settings(config)}
    (out / "bindhssd.yaml.5").write_text(page("bindhssd.yaml.5", fill), encoding="utf-8")


if __name__ == "__main__":
    main()
