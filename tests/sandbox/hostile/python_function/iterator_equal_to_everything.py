# An iterator that is everything at once.
#
# layer: peer: an iterator stays on its side
# allowed: failed
# twin: itself

class Sly:
    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration

    def __eq__(self, other):
        return True


def f(x):
    return Sly()
