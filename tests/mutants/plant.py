"""Makes the planted tree: a copy of this one with every chosen fault in it, switched off, compiled once.

A fault that the compiler refuses is taken out and reported; nothing else in the copy differs from the tree.
"""
import pathlib
import re
import shutil
import subprocess

import places

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = ("pipeline/csv", "pipeline/io", "pipeline/engine", "pipeline/table", "pipeline/expression", "stages")
ERROR = re.compile(r"^(?:\.\./)*([\w./-]+\.[ch]):(\d+):\d+: (?:error|fatal error)", re.M)
INSIDE = re.compile(r"^(?:In file included from|\s+from) (?:\.\./)*([\w./-]+\.[ch]):(\d+)", re.M)


def runs_here(file):
    """Kernels of instruction sets that this machine lacks are never met."""
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    lacking = {"neon": "asimd", "avx512": "avx512bw", "avx2": "avx2"}
    return not any(word in file and flag not in flags for word, flag in lacking.items())


def read_sources():
    sources = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            name = str(path.relative_to(ROOT))
            if runs_here(name):
                sources[name] = path.read_text()
    return sources


def all_places(sources):
    macros = places.macros_of(sources)
    return [place for file, source in sources.items() for place in places.find(file, source, macros)]


def write(path, data):
    """Leaves alone what is as it should be, so that it is not compiled again."""
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


class Planted:
    def __init__(self, work, options=()):
        self.tree = work / "tree"
        self.build = self.tree / "build"
        self.options = options
        self.planted = set()

    def copy(self):
        listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout
        names = {n for n in listed.split("\0") if n and (ROOT / n).exists()}
        for name in names:
            source = ROOT / name
            if source.is_symlink():
                target = self.tree / name
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.is_symlink():
                    target.symlink_to(source.readlink())
                continue
            if name == "pipeline/base/meson.build":
                data = source.read_bytes() + b"pipeline_sources += files('mutant-switch.c')\n"
            elif name in self.planted:
                continue
            else:
                data = source.read_bytes()
            write(self.tree / name, data)
            shutil.copymode(source, self.tree / name)
        write(self.tree / "pipeline/base/mutant-switch.c", (HERE / "switch.c").read_bytes())

    def plant(self, sources, chosen, say, with_tests=True):
        """Writes and compiles. Returns: the places left out, which the compiler refuses or others overlap."""
        files = {}
        for place in chosen:
            files.setdefault(place.file, []).append(place)
        self.planted = set(files)
        self.copy()
        left_out = []
        for file, inside in files.items():
            left_out += self.write(file, sources[file], inside)
        if not (self.build / "build.ninja").exists():
            subprocess.run(["meson", "setup", self.build, self.tree, "-Ddebug=false", "-Dc_args=-Wno-error",
                            *self.options], check=True, capture_output=True)
        stages = [["pipeline/pipeline"], ["all", "datasets/generate"]][: 2 if with_tests else 1]
        while stages:
            run = subprocess.run(["nice", "ninja", "-C", self.build, "-k", "0", *stages[0]], capture_output=True,
                                 text=True)
            if run.returncode == 0:
                stages.pop(0)
                continue
            refused = self.refused(run.stdout, files)
            if not refused:
                raise SystemExit("the planted tree does not compile:\n" + run.stdout[-4000:])
            say(f"{len(refused)} places that do not compile are left out")
            left_out += refused
            for file in {p.file for p in refused}:
                files[file] = [p for p in files[file] if p not in refused]
                left_out += self.write(file, sources[file], files[file])
        return left_out

    def link_leaks(self):
        """Links everything once more, with LeakSanitizer, which needs no code of its own in what it watches. Returns:
        the folder."""
        folder = self.build / "leaks"
        for target in ["pipeline/pipeline",
                       *(f"tests/test-{p.name}" for p in (self.tree / "tests/unit").iterdir() if p.is_dir())]:
            listed = subprocess.run(["ninja", "-t", "commands", target], cwd=self.build, check=True,
                                    capture_output=True, text=True).stdout
            link = listed.splitlines()[-1].replace(f"-o {target} ", f"-o leaks/{target} -fsanitize=leak ")
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(link, shell=True, cwd=self.build, check=True)
        return folder

    def write(self, file, source, inside):
        text, left_out = places.render(source, inside)
        for place in left_out:
            inside.remove(place)
        write(self.tree / file, (text if inside else source).encode())
        return left_out

    @staticmethod
    def refused(output, files):
        """The places of the lines that the compiler complains about. A switched expression may begin some lines
        before."""
        lines = {(m.group(1), int(m.group(2))) for pattern in (ERROR, INSIDE) for m in pattern.finditer(output)}
        refused = []
        for file, line in lines:
            inside = files.get(file, [])
            exact = [p for p in inside if p.line == line]
            near = [p for p in inside if p.line <= line <= p.line + p.original.count(" ") // 4 + 12]
            refused += [p for p in (exact or near) if p not in refused]
        return refused
