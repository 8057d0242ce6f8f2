"""The tests that can notice a fault: which there are, which of them pass by which fault, and running them for one
fault.

What passes by a fault is found out once, by running everything with nothing active: a test that never meets the place
cannot notice it. So a fault costs as a rule some tenths of a second, and only what survives the unit tests and the
cases meets the long suites.
"""
import hashlib
import json
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
# Slower unit tests run one by one, behind the cases.
QUICK = 0.15
# With --quick, so many cases, the quickest, are tried.
FEW = 40
# Suites that take the program, from the quickest on; what goes by time is tried twice before it counts.
LONG = [("configs", "tests/run-configs.py", [], 0), ("random jobs", "tests/differential/random-jobs.py", [], 0),
        ("conformance", "tests/conformance/run.py", ["--jobs", "1"], 0),
        ("differential", "tests/differential/run.py", [], 0), ("faults", "tests/faults/run.py", [], 1),
        ("faults interposed", "tests/faults/interposed.py", [], 1),
        ("faults unattended", "tests/faults/unattended.py", [], 1),
        ("faults many runs", "tests/faults/many-runs.py", [], 1),
        ("faults surroundings", "tests/faults/surroundings.py", [], 1),
        ("faults workers", "tests/faults/workers.py", [], 1)]


class Suites:
    """@traced: what tests meet, found out by another one. @asan: built with AddressSanitizer, which needs address space
    and time; "cases" or "units": which of them are tried, apart because building the unit tests takes longest. @leaks:
    the folder of programs linked with LeakSanitizer. @heap: with the C library's own check of what is written behind
    blocks of memory. Both of these take no building, and less time by far."""

    def __init__(self, work, planted, traced=None, asan=None, leaks=None, heap=False):
        self.work, self.tree, self.build, self.asan, self.leaks = (work, planted.tree, leaks or planted.build, asan,
                                                                   leaks)
        self.program = str(self.build / "pipeline/pipeline")
        self.traced = traced if traced is not None else {}  # (suite, test) → seconds, numbers of the faults it meets
        # Than what they took when they were looked at.
        self.slower = 60 if asan or leaks or heap else 10
        self.heap = heap

    def environment(self, number):
        given = {"PL_MUTANT": str(number), "PIPELINE_PROGRAM": self.program, "PIPELINE_SOURCE": str(self.tree),
                 "PYTHONDONTWRITEBYTECODE": "1"}
        if self.heap:
            given.update(LD_PRELOAD="libc_malloc_debug.so.0", GLIBC_TUNABLES="glibc.malloc.check=3")
        if self.asan:
            given.update(ASAN_OPTIONS="detect_leaks=1:exitcode=99:hard_rss_limit_mb=3000",
                         UBSAN_OPTIONS="halt_on_error=1", G_SLICE="always-malloc")
        return given

    def run(self, slot, steps, number, trace=0, stop=True):
        """Returns: the results of the steps that ran."""
        folder = self.work / f"slot-{slot}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        folder.chmod(0o1777)
        plan = {"slot": str(folder), "steps": steps, "environment": self.environment(number), "cwd": str(self.tree),
                "trace": trace, "stop": stop,
                "memory": not (self.asan or self.leaks)}
        confined = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        run = subprocess.run(["nice", *confined, PYTHON, HERE / "inside.py"], input=json.dumps(plan),
                             capture_output=True, text=True)
        results = [json.loads(line) for line in run.stdout.splitlines()]
        if run.returncode and not (results and results[-1]["why"]):
            if number <= 0 or "confine" in run.stderr or not run.stderr:
                raise SystemExit("cannot run tests in namespaces of their own (who may not make them must be root): "
                                 + run.stderr[-2000:])
            results.append({"name": steps[len(results)]["name"], "seconds": 0, "why": "what ran the tests failed",
                            "output": run.stderr[-2000:]})
        return results

    def unit(self, program, names, timeout):
        return {"name": f"{program}: {names[0] if len(names) == 1 else f'{len(names)} tests'}", "timeout": timeout,
                "argv": [str(self.build / "tests" / program), "--gtest_fail_fast", "--gtest_brief=1",
                         "--gtest_filter=" + ":".join(names)]}

    def cases(self, names, timeout, each):
        return {"name": f"cases: {names[0] if len(names) == 1 else f'{len(names)} cases'}", "timeout": timeout,
                "argv": [PYTHON, "tests/run-cases.py", self.program, "--matrix", "small", "--jobs", "1", "--fail-fast",
                         "--timeout", str(each),
                         "--only", *names]}

    def suite(self, name, timeout):
        script, arguments, again = next((s, a, g) for n, s, a, g in LONG if n == name)
        return {"name": name, "timeout": timeout, "argv": [PYTHON, script, self.program, *arguments], "again": again}

    def everything(self, with_long):
        """(key, step) of each test by itself. A key is (program, test), ("cases", name) or ("long", name)."""
        for path in sorted((self.build / "tests").glob("test-*")):
            if not path.is_file():
                continue
            listed = subprocess.run([path, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
            group = ""
            for line in listed.splitlines()[1:] if listed.startswith("Running") else listed.splitlines():
                name = line.split("#")[0].rstrip()
                if name.startswith("  "):
                    yield (path.name, group + name.strip()), self.unit(path.name, [group + name.strip()], 240)
                else:
                    group = name
        listed = subprocess.run([PYTHON, "tests/run-cases.py", self.program, "--list"], cwd=self.tree,
                                capture_output=True, text=True, check=True).stdout
        for name in listed.splitlines():
            yield ("cases", name), self.cases([name], 300, 60)
        if with_long:
            for name, *_ in LONG:
                yield ("long", name), self.suite(name, 900)

    def digest(self, key, places):
        """Changes with the test, or with what is planted; not with the program, which is the same for all."""
        suite, name = key
        folders = {"cases": [self.tree / "tests/cases" / name],
                   "long": []}.get(suite, [self.tree / "tests/unit" / suite.removeprefix("test-")])
        found = hashlib.sha1("".join(f"{p.ident}{p.number} " for p in places).encode())
        for path in sorted(p for folder in folders for p in folder.rglob("*") if p.is_file()):
            found.update(path.read_bytes())
        return found.hexdigest()

    def trace(self, slots, places, with_long, say):
        """Runs everything once. Tests that fail with nothing active are told and not used. What did not change since is
        kept."""
        kept = self.work / "trace.json"
        known = json.loads(kept.read_text()) if kept.exists() else {}
        digests = {}
        tests = []
        for key, step in self.everything(with_long):
            name = " ".join(key)
            digests[name] = self.digest(key, places)
            if known.get(name, {}).get("digest") == digests[name]:
                self.traced[key] = (known[name]["seconds"], set(known[name]["hits"]))
            else:
                tests.append((key, step))
        shares = [tests[i::len(slots)] for i in range(len(slots))]
        count = max(p.number for p in places)

        def one(slot):
            return (self.run(slot, [step for _, step in shares[slot]], -1, trace=count + 1, stop=False) if shares[slot]
                    else [])

        for share, results in zip(shares, slots.map(one)):
            for (key, _), result in zip(share, results, strict=True):
                if result["why"]:
                    say(f"{result['name']} fails with no fault active ({result['why']}), and is left out: "
                        f"{result['output'][-400:]}")
                else:
                    self.traced[key] = (result["seconds"], set(result["hits"]))
                    name = " ".join(key)
                    known[name] = {"digest": digests[name], "seconds": result["seconds"], "hits": result["hits"]}
        kept.write_text(json.dumps(known))
        return len(tests)

    def steps_for(self, number, folder, quick_only=False):
        """What meets the fault, in the order in which it is tried."""
        met = {key: seconds for key, (seconds, hits) in self.traced.items() if number in hits}
        quick, slow = {}, []
        for (program, name), seconds in met.items():
            if program in ("cases", "long"):
                continue
            if seconds < QUICK:
                quick.setdefault(program, []).append((seconds, name))
            else:
                slow.append((seconds, program, name))
        own = f"test-{folder}"
        steps = []
        for program in sorted(quick, key=lambda p: (p != own, sum(s for s, _ in quick[p]))):
            steps.append(self.unit(program, [n for _, n in quick[program]],
                                   20 + self.slower * sum(s for s, _ in quick[program])))
        slow.sort(key=lambda s: (s[1] != own, s[0]))
        near = [s for s in slow if s[1] == own and s[0] < 2]
        steps += [self.unit(program, [name], 20 + self.slower * seconds) for seconds, program, name in near]
        cases = sorted((seconds, name) for (kind, name), seconds in met.items() if kind == "cases")
        if quick_only:
            cases = [case for case in cases if case[0] < 2][:FEW]
        if cases:
            steps.append(self.cases([name for _, name in cases], 60 + self.slower * sum(s for s, _ in cases),
                                    20 + self.slower * max(s for s, _ in cases)))
        if quick_only:
            return steps
        steps += [self.unit(program, [name], 20 + self.slower * seconds)
                  for seconds, program, name in slow if (seconds, program, name) not in near]
        if self.leaks or self.heap:
            return steps
        if self.asan:
            return [step for step in steps if step["name"].startswith("cases:") == (self.asan == "cases")]
        steps += [self.suite(name, 60 + self.slower * met["long", name]) for name, *_ in LONG if ("long", name) in met]
        return steps
