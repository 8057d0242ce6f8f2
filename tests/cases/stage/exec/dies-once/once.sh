# The first of all of its processes is killed in the middle of a row, the second when it has answered one, the third behind a block.
IFS= read -r header
echo length
n=0
while IFS= read -r name; do
  if mkdir died-1 2>/dev/null; then kill -9 $$; fi
  echo ${#name}
  if mkdir died-2 2>/dev/null; then kill -9 $$; fi
  n=$((n + 1))
  if [ $n = 3 ] && mkdir died-3 2>/dev/null; then kill -9 $$; fi
done
