# Refuses the number seven.
read -r header
echo "$header"
while read -r n; do
  [ "$n" = 7 ] && exit 5
  echo "$n"
done
