import json, sys
for line in iter(sys.stdin.readline, ""):
    row = json.loads(line)
    answer = {"why": f'{row["name"]}: "é\n\U0001f600"', "id": row["id"], "score": row["x"] and row["x"] / 2,
              "ok": row["x"] is not None, "seen": len(row), "more": [1, {"a": None}]}
    print(json.dumps(answer), flush=True)
