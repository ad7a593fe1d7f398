#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The X-IM developers
"""Runs the benchmarks, writes results.tsv and prints it as a table.

usage: run.py BUILD_DIRECTORY [NAME ...]

Each program of PROGRAMS prints rows: what, unit, ours, peer, peer's name,
ratio, target, between tabs.  With names only those programs run and the rows
of the others stay as they are.
"""

import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent
RESULTS = SOURCE / "results.tsv"
HEADER = ["what", "unit", "ours", "peer", "peer's name", "ratio", "target"]

# Name: its command, and what the first column of its rows begins with.
PROGRAMS = {
    "chat": (["{build}/tests/bench/bench-chat"], ("chat line", "limit:")),
    "fan": (["{build}/tests/bench/bench-fan"], ("seal to", "base64 for")),
    "file": (["{build}/tests/bench/bench-file"], ("256 MiB",)),
    "verify": (["{build}/tests/bench/bench-verify"], ("a bundle",)),
    "keyserver": (["{source}/bench-keyserver.py", "{build}"],
                  ("lookups", "registrations")),
    "plugin": (["{source}/bench-plugin.py", "{build}"],
               ("time that the plugin", "message of 200 bytes",
                "load time of the plugin")),
}


def run(name, build):
    """Returns the rows of a program; a failing one ends everything."""
    command = [part.format(build=build, source=SOURCE)
               for part in PROGRAMS[name][0]]
    print(f"bench: {name} ...", file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {name} failed with {done.returncode}")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    for row in rows:
        if len(row) != len(HEADER) or not row[0].startswith(PROGRAMS[name][1]):
            sys.exit(f"bench: {name} printed a bad row: {row}")
    return rows


def old_rows(name):
    """Returns the rows of a program in the present results."""
    if not RESULTS.exists():
        return []
    lines = RESULTS.read_text(encoding="utf-8").splitlines()[1:]
    return [row for row in (line.split("\t") for line in lines)
            if row[0].startswith(PROGRAMS[name][1])]


def verdict(row):
    """Returns whether a row meets its target, in a word."""
    target, ratio = row[6], row[5]
    if target == "-":
        return ""
    if ratio == "-":
        return "MISSED"
    bound = float(target[2:])
    met = float(ratio) >= bound if target[0] == ">" else float(ratio) <= bound
    return "met" if met else "MISSED"


def print_table(rows):
    """Prints the rows in columns, with what became of the targets."""
    table = [HEADER + [""]] + [row + [verdict(row)] for row in rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        print("  ".join(cell.ljust(width)
                        for cell, width in zip(row, widths)).rstrip())
    missed = sum(verdict(row) == "MISSED" for row in rows)
    wanted = sum(row[6] != "-" for row in rows)
    print(f"{wanted - missed} of {wanted} targets met")


def main():
    """Runs what is named, or everything."""
    build, names = sys.argv[1], sys.argv[2:] or list(PROGRAMS)
    rows = []
    for name in PROGRAMS:
        rows += run(name, build) if name in names else old_rows(name)
    text = "".join("\t".join(row) + "\n" for row in [HEADER] + rows)
    RESULTS.write_text(text, encoding="utf-8")
    print_table(rows)


if __name__ == "__main__":
    main()
