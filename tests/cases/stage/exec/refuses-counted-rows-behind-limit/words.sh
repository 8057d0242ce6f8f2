# No answer is a number.
read -r header
echo y
while read -r n; do
  echo word
done
