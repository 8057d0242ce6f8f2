"""A row-wise function of an exec stage: a distance and a delay come in, a score goes out.

Any loop that reads a header, then answers each row with one record, will do. What matters: one answer a row, in order,
and a flush before it waits for more rows. It may print to stderr what it likes, never to stdout.
"""
import csv
import math
import sys


def score(distance, delay):
    """How much of its speed a flight loses to its delay; long enough a loop to be worth a second process."""
    speed = 0.0
    for minutes in range(1, 100):
        speed += math.sin(distance / minutes) / (minutes + abs(delay))
    return round(speed, 6)


def main():
    # Rows are read as they come: csv reads a line at a time, and Python's stdin gives what is there.
    rows = csv.reader(sys.stdin)
    next(rows)
    print("score")
    for distance, delay in rows:
        print(score(float(distance), float(delay)), flush=True)


main()
