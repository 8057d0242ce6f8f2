IFS= read -r header
echo "warming up" >&2
echo length
while IFS= read -r name; do echo ${#name}; done
