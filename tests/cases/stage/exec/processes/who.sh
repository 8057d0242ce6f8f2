IFS= read -r header
: > "here/$$"
echo n
while IFS= read -r id; do echo $((id * 2)); done
