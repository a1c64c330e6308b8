# The exception by which unittest leaves a test out.
#
# layer: exceptions: none of a library for tests
# allowed: runtime_error, failed
# twin: itself
# test: import unittest, io; C = type('C', (unittest.TestCase,), {'test': lambda self: self.assertEqual(f(3), 9)}); r = unittest.TestResult(); C('test').run(r); assert r.wasSuccessful(), r.errors or 1; assert not r.skipped or 1

import unittest


def f(x):
    raise unittest.SkipTest
