# For scripts to source: a long command says what it is doing, and that it still does.

# still TEXT PROCESS [SECONDS]: every ten seconds a line (that names TEXT, where there is one), for as long as that
# process lives.
still () {
  local seconds=0 every=${3:-10}
  while sleep "$every" </dev/null >/dev/null 2>&1 && kill -0 "$2" 2>/dev/null; do
    seconds=$((seconds + every))
    echo "  … ${1:+$1: }$seconds s so far" >&2
  done
}

# step TEXT COMMAND…: says TEXT, runs COMMAND without its output, and says how long it took.
# Of a command that fails the end of the output is shown, without the lines of ninja's progress.
step () {
  local text=$1 output began=$SECONDS status=0
  shift
  output=$(mktemp)
  echo "$text" >&2
  # The command stays in the foreground, so that Ctrl-C ends it.
  still "" $$ &
  local ticker=$!
  "$@" >"$output" 2>&1 || status=$?
  kill "$ticker" 2>/dev/null
  wait "$ticker" 2>/dev/null || true
  if [ $status -eq 0 ]; then
    [ $((SECONDS - began)) -lt 5 ] || echo "  done in $((SECONDS - began)) s" >&2
  else
    grep -v '^\[[0-9]*/' "$output" | tail -60 >&2 || true
    echo "  failed after $((SECONDS - began)) s" >&2
  fi
  rm -f "$output"
  return $status
}
