import os, sys
sys.stdin.readline()
print("descriptors,group", flush=True)
for line in iter(sys.stdin.readline, ""):
    print(" ".join(sorted(os.listdir("/proc/self/fd"))), str(os.getpgrp() == os.getpid()).lower(), sep=",", flush=True)
