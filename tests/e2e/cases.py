"""Tests in Python for a script of bash: without arguments a program lists them, with arguments
it runs the one named last. A test is a function; its name is its sentence."""

import errno
import os
import sys


def sentence(function):
    return function.__name__.replace("_", " ")


def end(words, status):
    with open(f"{os.environ['CATNET'].removesuffix('/net')}/reason", "w") as f:
        f.write(words)
    sys.exit(status)


def fail(words):
    end(words, 1)


def not_here(words):
    """This test cannot be made on this machine."""
    end(words, 77)


def kernel_before(*version):
    return tuple(int(n) for n in os.uname().release.split("-")[0].split(".")[:2]) < version


def same(what, expected, got):
    if expected != got:
        fail(f"{what}: expected {expected!r}, got {got!r}")


def refused(number, function, *arguments):
    """FUNCTION must fail with the errno NUMBER."""
    try:
        result = function(*arguments)
    except OSError as error:
        same("the error", errno.errorcode[number], errno.errorcode.get(error.errno, error.errno))
        return
    fail(f"expected {errno.errorcode[number]}, got {result!r}")


def main(tests):
    if len(sys.argv) == 1:
        print("\n".join(sentence(test) for test in tests))
        return
    for test in tests:
        if sentence(test) == sys.argv[-1]:
            try:
                test()
            except OSError as error:
                fail(f"{errno.errorcode.get(error.errno)} {error}")
            except Exception as error:
                fail(f"{type(error).__name__} {error}")
            return
    fail(f"no such test: {sys.argv[-1]}")
