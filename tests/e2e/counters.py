"""counters.py FILE WORD - the sum of all numbers in a JSON file whose key contains WORD.

Status 1 when no key does.
"""

import json
import sys


def leaves(value, key=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield key, value


with open(sys.argv[1]) as f:
    found = [number for key, number in leaves(json.load(f)) if sys.argv[2] in key]
print(sum(found))
sys.exit(not found)
