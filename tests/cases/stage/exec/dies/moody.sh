# Answers a row with its length; some names make it do something else.
IFS= read -r header
echo length
while IFS= read -r name; do
  case $name in
    die) echo "cannot think of a length for 'die'" >&2; exit 3 ;;
    signal) kill -SEGV $$ ;;
    hang) exec sleep 100 ;;
    word) echo many ;;
    wide) echo 1,2 ;;
    twice) echo 1; echo 2 ;;
    never) ;;
    *) echo ${#name} ;;
  esac
done
