# One answer a row: sh writes each line at once.
mark=$1
IFS= read -r header
[ "$header" = name ] || exit 9
[ "$OTHER" = "a;b" ] || exit 8
echo loud,length
while IFS= read -r name; do
  echo "$GREETING $name$mark,${#name}"
done
