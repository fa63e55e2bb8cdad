#!/usr/bin/env python3
"""Runs clang-tidy over the project's own sources, in parallel.

A source that passed is not looked at again until it, a header of ours that it
includes, its flags, the rules or clang-tidy change. What passed is remembered
in the user's cache directory, so that a fresh clone is quick, too.

usage: scripts/lint.py [PATH-PREFIX]...    all sources, or those that match
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "lint"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser()
PASSED = CACHE / "signalbox-lint"
ROOMS = ("messages formats policy net config endpoints storage lights destinations"
         " actors cli bench").split()


def run(command, **options):
    return subprocess.run(command, cwd=BUILD, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **options)


def rules():
    version = run(["clang-tidy", "--version"]).stdout
    return version + (ROOT / ".clang-tidy").read_text()


def key(entry, shared):
    """Names everything that the verdict on a source depends on."""
    command = shlex.split(entry["command"])
    if "-o" in command:
        at = command.index("-o")
        del command[at:at + 2]
    command.remove("-c")
    if command[0].endswith("ccache"):
        del command[0]
    listing = run([*command, "-MM"])
    if listing.returncode != 0:
        return None  # clang-tidy will say why.
    sources = listing.stdout.split(":", 1)[1].replace("\\\n", " ").split()
    digest = hashlib.sha256(shared.encode())
    digest.update(" ".join(command).replace(str(ROOT), "").encode())
    for name in sorted({str((BUILD / x).resolve()) for x in sources}):
        digest.update(pathlib.Path(name).read_bytes())
    return digest.hexdigest()


def lint(entry, shared):
    """Returns clang-tidy's words on a source; empty when it passes."""
    stamp = key(entry, shared)
    if stamp and (PASSED / stamp).exists():
        return ""
    result = run(["clang-tidy", "--quiet", "-p", str(BUILD), entry["file"]])
    if result.returncode != 0:
        return result.stdout
    if stamp:
        (PASSED / stamp).touch()
    return ""


def main(prefixes):
    PASSED.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cmake", "--preset", "lint"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    entries = []
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if not path.is_relative_to(ROOT) or path.is_relative_to(BUILD):
            continue
        name = str(path.relative_to(ROOT))
        if name.split("/")[0] in ROOMS \
                and (not prefixes or name.startswith(tuple(prefixes))):
            entries.append(entry)
    if not entries:
        sys.exit("lint: no sources")
    shared = rules()
    findings = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for words in pool.map(lambda x: lint(x, shared), entries):
            findings += bool(words)
            print(words, end="", flush=True)
    print(f"lint: {len(entries)} sources, {findings} with findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
