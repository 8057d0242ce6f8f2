#!/usr/bin/env python3
"""The bytes of compressed output depend on the text alone: processes at addresses that the kernel picks (ASLR) compress
the same texts, and all say the same."""
import pathlib
import subprocess

from common import main


def compressed_bytes(arguments, report):
    rounds = 100_000 if arguments.full else 300
    program = pathlib.Path(arguments.program).parent.parent / "tests" / "same-bytes"
    with open("/proc/sys/kernel/randomize_va_space") as setting:
        if setting.read().strip() == "0":
            report.skip("compressed bytes: the kernel picks no addresses here")
            return
    said = subprocess.run([str(program), str(rounds)], capture_output=True, text=True, check=True).stdout
    report("compressed bytes", None if said == f"1 of {rounds}\n" else f"different bytes: {said}")


if __name__ == "__main__":
    main(__doc__, [compressed_bytes])
