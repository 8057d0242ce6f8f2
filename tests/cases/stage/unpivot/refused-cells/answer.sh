# Answers a row with 1; "bad" ends it.
IFS= read -r header
echo y
while IFS= read -r x; do
  [ "$x" = bad ] && { echo "no answer to bad" >&2; exit 3; }
  echo 1
done
