# A file that anybody on this machine may write.
#
# layer: mount namespace
# allowed: runtime_error
# twin: itself

with open("PLANTED_FILE", "a") as file:
    file.write("was here")
print(9)
