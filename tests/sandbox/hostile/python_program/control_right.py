# No attack: an honest program.
#
# layer: none
# allowed: passed
# twin: itself

print(int(input()) ** 2)
