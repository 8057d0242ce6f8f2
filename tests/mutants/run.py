#!/usr/bin/env python3
"""Plants faults in a copy of the tree and says which of them no test notices.

  scripts/mutants                         200 faults, spread over folders and kinds; an hour or two on two cores
  scripts/mutants --seed 2 --count 50     others, and fewer
  scripts/mutants --folder io             only where the file's path holds this
  scripts/mutants --only 1a2b3c4d …       these faults
  scripts/mutants --list                  what would be planted
  scripts/mutants --work FOLDER           keeps the copy there: what is planted anew is compiled anew, what was tried
  stays tried

Every fault is compiled into one copy, switched off (places.py, plant.py, switch.c); tests run with one at a time
active, those that meet it, from the quickest on, until one fails (suites.py). What survives is tried again with a
checked heap, LeakSanitizer and, if --asan is said, AddressSanitizer and UBSan.

Survivors that are no faults are listed in equivalents.txt, each with the reason. Exit status 1: fewer than 95 % of the
others were noticed.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import sys
import tempfile
import threading
import time

import places
import plant
import suites

LEAST = 0.95
EQUIVALENTS = plant.HERE / "equivalents.txt"


class Slots:
    """Threads that each have a folder of their own."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def map(self, work):
        with concurrent.futures.ThreadPoolExecutor(self.count) as pool:
            return list(pool.map(work, range(self.count)))


def say(text):
    print(text, flush=True)


def describe(place):
    text = (f"{place.ident}  {place.file}:{place.line} {place.function} (), {place.kind}\n    {place.original}\n"
            f"  → {place.mutated}")
    return text + (f"\n    in: {place.context}" if place.context != place.original else "")


def read_equivalents(path=EQUIVALENTS):
    """{key of a place: reason}. An entry is "FILE, FUNCTION (), KIND", then lines that begin with was:, now:, in: and
    why:."""
    reasons = {}
    for block in re.split(r"\n\s*\n", path.read_text() if path.exists() else ""):
        lines = [line for line in block.strip().splitlines() if not line.startswith("#")]
        if not lines:
            continue
        head = re.fullmatch(r"(\S+), (\S+) \(\), (\w+)", lines[0])
        fields = dict(re.findall(r"^  (was|now|in|why): (.*(?:\n    .*)*)", "\n".join(lines[1:]), re.M))
        if not head or set(fields) != {"was", "now", "in", "why"}:
            raise SystemExit(f"{path.name}: not an entry:\n{block}")
        fields = {name: " ".join(text.split()) for name, text in fields.items()}
        reasons[(*head.groups(), fields["was"], fields["now"], fields["in"])] = fields["why"]
    return reasons


def folder_of(file):
    return file.split("/")[1] if file.startswith("pipeline/") else file.split("/")[0]


class Campaign:
    """Faults, and what became of them. Results are kept in a file, so that a run that is stopped goes on where it
    was."""

    def __init__(self, work, arguments):
        self.work, self.arguments = work, arguments
        self.journal = work / "results.jsonl"
        self.results = {}
        self.equivalents = read_equivalents()
        self.lock = threading.Lock()
        if self.journal.exists():
            for line in self.journal.read_text().splitlines():
                result = json.loads(line)
                self.results[result["ident"]] = result

    def choose(self):
        self.sources = plant.read_sources()
        every = [p for p in plant.all_places(self.sources) if self.arguments.folder in p.file]
        if self.arguments.only:
            return [p for p in every if p.ident in self.arguments.only]
        # Some do not compile or overlap others; what is too much is dropped again.
        return places.sample(every, self.arguments.seed, self.arguments.count * 21 // 20 + 4)

    def prepare(self, chosen, traced=None, asan=None):
        folder = self.work / "asan" if asan else self.work
        folder.mkdir(exist_ok=True)
        options = ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Doptimization=1"] if asan else []
        started = time.monotonic()
        for number, place in enumerate(chosen, 1):
            place.number = place.number or number
        planted = plant.Planted(folder, options)
        left_out = planted.plant(self.sources, chosen, say, with_tests=asan != "cases")
        chosen = [p for p in chosen if p not in left_out]
        say(f"{len(chosen)} faults compiled in {time.monotonic() - started:.0f} s")
        self.planted = planted
        self.tests = suites.Suites(folder, planted, traced, asan)
        return chosen

    def trace(self, chosen, with_long):
        started = time.monotonic()
        count = self.tests.trace(Slots(self.arguments.jobs), chosen, with_long, say)
        say(f"{count} of {len(self.tests.traced)} tests looked at in {time.monotonic() - started:.0f} s")

    def try_one(self, slot, place, stage):
        started = time.monotonic()
        steps = self.tests.steps_for(place.number, folder_of(place.file), self.arguments.quick)
        noticed = self.first_failure(slot, steps, place.number)
        result = {"ident": place.ident, "noticed": bool(noticed), "stage": stage, "met": bool(steps),
                  "seconds": time.monotonic() - started,
                  "by": noticed and noticed["name"], "why": noticed and noticed["why"],
                  "output": noticed and noticed["output"][-1500:]}
        with self.lock:
            self.results[place.ident] = result
            with self.journal.open("a") as out:
                out.write(json.dumps(result) + "\n")
            if not noticed:
                say(f"not noticed{'' if steps else ', not even met'} ({result['seconds']:.0f} s): {describe(place)}")

    def first_failure(self, slot, steps, number):
        """What notices the fault: fails with it, and does not without it, which a busy machine or a sanitizer may bring
        about."""
        while steps:
            results = self.tests.run(slot, steps, number)
            if not results or not results[-1]["why"]:
                return None
            failed = steps[len(results) - 1]
            without = self.tests.run(slot, [failed], 0)
            if not without[-1]["why"]:
                return results[-1]
            say(f"{failed['name']} fails with no fault active, too: {without[-1]['why']}")
            steps = steps[len(results):]
        return None

    def attempt(self, chosen, stage):
        waiting = collections.deque(chosen)

        def work(slot):
            while True:
                try:
                    place = waiting.popleft()
                except IndexError:
                    return
                self.try_one(slot, place, stage)

        Slots(self.arguments.jobs).map(work)

    def is_open(self, place):
        """Whether it is to be tried: never before, or with --again, or thoroughly after a first look."""
        result = self.results.get(place.ident)
        if result is None:
            return True
        more = self.arguments.again or (result["stage"] == "quick" and not self.arguments.quick)
        return not result["noticed"] and more and place.key() not in self.equivalents

    def survivors(self, chosen, stages):
        """What has been noticed by nothing so far, is a fault as far as is known, and has not been through these
        stages."""
        left = [p for p in chosen if not self.results[p.ident]["noticed"] and p.key() not in self.equivalents]
        return [p for p in left if self.results[p.ident]["stage"] not in stages]

    def attempt_memory(self, chosen, kind):
        """@kind: heap or leaks."""
        survivors = self.survivors(chosen, ("leaks", "asan cases", "asan units", *(["heap"] if kind == "heap" else [])))
        if not survivors:
            return
        say(f"\n{len(survivors)} survivors are tried for "
            f"{'leaks' if kind == 'leaks' else 'what they write behind blocks of memory'}")
        if not self.tests.traced:
            self.trace(chosen, False)
        plain = self.tests
        self.tests = suites.Suites(self.work, self.planted, plain.traced, heap=kind == "heap",
                                   leaks=self.planted.link_leaks() if kind == "leaks" else None)
        self.attempt(survivors, kind)
        self.tests = plain

    def attempt_asan(self, chosen, asan):
        survivors = self.survivors(chosen, (f"asan {asan}", "asan units"))
        if not survivors:
            return
        say(f"\n{len(survivors)} survivors are tried with AddressSanitizer and UBSan: {asan}")
        if not self.tests.traced:
            self.trace(chosen, False)
        self.attempt(self.prepare(survivors, self.tests.traced, asan), f"asan {asan}")


def report(chosen, results):
    """Prints the shares and each survivor. Returns: whether enough was noticed."""
    reasons = read_equivalents()
    noticed = [p for p in chosen if results[p.ident]["noticed"]]
    survivors = [p for p in chosen if not results[p.ident]["noticed"]]
    equivalent = [p for p in survivors if p.key() in reasons]
    faults = [p for p in survivors if p.key() not in reasons]
    for title, group in (("by folder", lambda p: folder_of(p.file)), ("by kind", lambda p: p.kind)):
        say(f"\n{title}:")
        for name in sorted({group(p) for p in chosen}):
            mine = [p for p in chosen if group(p) == name]
            say(f"  {name:12} {len(mine):4} planted, {sum(p in noticed for p in mine):4} noticed, "
                f"{sum(p in equivalent for p in mine):3} no faults")
    means = {"heap": " with a checked heap", "leaks": " with LeakSanitizer", "asan cases": " with ASan",
             "asan units": " with ASan"}
    by = collections.Counter((results[p.ident]["by"] or "").split(":")[0] + means.get(results[p.ident]["stage"], "")
                             for p in noticed)
    say("\nnoticed by: " + ", ".join(f"{name} {count}" for name, count in by.most_common()))
    say(f"\nsurvivors that are no faults: {len(equivalent)}")
    for place in equivalent:
        say(f"{describe(place)}\n    {reasons[place.key()]}")
    say(f"\nsurvivors: {len(faults)}")
    for place in faults:
        say(describe(place) + ("" if results[place.ident]["met"] else "\n    no test meets it"))
    share = len(noticed) / max(len(noticed) + len(faults), 1)
    say(f"\n{len(chosen)} planted, {len(noticed)} noticed, {len(equivalent)} no faults, {len(faults)} survived: "
        f"{100 * share:.1f} % noticed")
    return share >= LEAST


def main():
    parser = argparse.ArgumentParser(description="Plants faults in a copy of the tree and says which of them no test "
                                                 "notices.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--folder", default="", help="only files whose path holds this")
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="these faults")
    parser.add_argument("--jobs", type=int, default=2, help="faults tried at once")
    parser.add_argument("--work", type=pathlib.Path,
                        help="a folder that is kept; not below /tmp, which tests have one of their own of")
    parser.add_argument("--again", action="store_true", help="try what was not noticed before, too")
    parser.add_argument("--quick", action="store_true", help="a first look: quick unit tests and some cases alone")
    parser.add_argument("--asan", action="store_true",
                        help="survivors once more with AddressSanitizer and UBSan, which is half an hour of building")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pipeline-mutants-", dir="/var/tmp") as temporary:
        work = (arguments.work or pathlib.Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        campaign = Campaign(work, arguments)
        chosen = campaign.choose()
        if arguments.list:
            for place in chosen:
                say(describe(place))
            return 0
        if not chosen:
            raise SystemExit("nothing to plant")
        chosen = campaign.prepare(chosen)[: arguments.count]
        open_ = [p for p in chosen if campaign.is_open(p)]
        if open_:
            campaign.trace(chosen, not arguments.quick)
            campaign.attempt(open_, "quick" if arguments.quick else "plain")
        for kind in () if arguments.quick else ("heap", "leaks"):
            campaign.attempt_memory(chosen, kind)
        for asan in ("cases", "units") if arguments.asan else ():
            campaign.attempt_asan(chosen, asan)
        return 0 if report(chosen, campaign.results) else 1


if __name__ == "__main__":
    sys.exit(main())
