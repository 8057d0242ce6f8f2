# Refuses the number seventeen.
read -r header
echo "$header"
while read -r n; do
  [ "$n" = 17 ] && exit 5
  echo "$n"
done
