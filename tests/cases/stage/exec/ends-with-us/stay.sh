# Takes its time, and leaves word of itself.
echo $$ > child.$$ && mv child.$$ child
exec sleep 1000
