echo "there is no model here" >&2
exit 4
