# Says nothing of row 300, so that the number of answers does not tell which row is without one.
echo >>starts
sed '1s/.*/same/; /^300$/d'
