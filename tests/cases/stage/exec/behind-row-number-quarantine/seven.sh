# Refuses the number seven.
read -r header
echo m
while read -r n; do
  [ "$n" = 7 ] && exit 5
  echo "$n"
done
