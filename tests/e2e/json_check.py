"""json_check.py TEST - every `stats` of the tree under $CATNET against docs/schema/.

A schema is only worth something if it refuses what is wrong, so wrong ones are made of all files.
"""

import copy
import json
import os
import pathlib
import re
import warnings

import cases

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jsonschema

NET = pathlib.Path(os.environ["CATNET"])
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
TYPES_WRONG = {bool: "yes", int: "1", str: 1, dict: [], list: {}}


def schema_of(path):
    parts = path.relative_to(NET).parts
    if parts == ("stats",):
        return "server"
    if parts[0] == "ipifc":
        return "interface"
    return "protocol" if len(parts) == 2 else "conversation"


def validator_of(name, kept={}):
    if name not in kept:
        schema = json.loads((DOCS / "schema" / f"{name}.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        kept[name] = jsonschema.Draft202012Validator(schema)
    return kept[name]


def once(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        cases.fail(f"a key comes twice: {sorted(keys)}")
    return dict(pairs)


def files():
    """Each file with what it says. Names and numbers are the same conversations."""
    found = [NET / "stats"]
    for directory in sorted(NET.iterdir()):
        if not directory.is_dir():
            continue
        found.append(directory / "stats")
        found += sorted(directory.glob("*/stats"))
    for path in found:
        text = path.read_text()
        if not text.endswith("}\n"):
            cases.fail(f"{path}: does not end with a newline")
        yield path, json.loads(text, object_pairs_hook=once)


def keys_of(value, at=()):
    """Where every key lies: the keys that lead to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, below in inner:
        if isinstance(value, dict):
            yield at + (key,)
        if isinstance(below, (dict, list)):
            yield from keys_of(below, at + (key,))


def counters():
    page = (DOCS / "counters.md").read_text()
    return set(re.findall(r"^\| `([a-z0-9_]+)` \|", page[page.index("<!-- made from"):page.index("<!-- end")], re.M))


def every_file_is_as_its_schema_says():
    for path, value in files():
        for error in validator_of(schema_of(path)).iter_errors(value):
            where = "/".join(str(part) for part in error.absolute_path)
            cases.fail(f"{path.relative_to(NET)} {where}: {error.message[:300]}")


def keys_are_snake_case_and_nothing_is_null():
    for path, value in files():
        for at in keys_of(value):
            if not re.fullmatch("[a-z][a-z0-9]*(_[a-z0-9]+)*", at[-1]):
                cases.fail(f"{path.relative_to(NET)}: {at}")
        if "null" in re.sub('"[^"]*"', "", path.read_text()):
            cases.fail(f"{path.relative_to(NET)}: something is null")


def counters_are_those_of_the_page():
    listed = counters()
    served = json.loads((NET / "stats").read_text())["counters"]
    cases.same("what only one has", set(), listed ^ {key for room in served.values() for key in room})
    for path, value in files():
        if schema_of(path) not in ("protocol", "interface"):
            continue
        unknown = {key for key in value if re.match("tcp_|udp_|icmp4_|ping_|arp_", key)} - listed
        cases.same(f"unknown counters of {path.relative_to(NET)}", set(), unknown)


def what_is_only_there_at_times_was_there():
    seen = {key for path, value in files() for key in ("/".join(at for at in where if
            isinstance(at, str)) for where in keys_of(value)) if schema_of(path) == "conversation"}
    wanted = {"timers/retransmit_in_us", "timers/persist_in_us", "timers/keepalive_in_us",
              "timers/time_wait_in_us", "timers/user_timeout_in_us", "timers/idle_in_us",
              "held_by", "keep_us", "groups/group"}
    cases.same("not seen", set(), wanted - seen)


def states_were_many():
    seen = {f"{value['proto']} {value['state']}" for path, value in files()
            if schema_of(path) == "conversation"}
    wanted = {f"tcp {state}" for state in ("Closed", "Listen", "Syn_sent", "Established",
              "Finwait2", "Close_wait", "Time_wait")}
    wanted |= {"udp Closed", "udp Announced", "udp Connected", "icmp Closed", "icmp Connected"}
    cases.same("not seen", set(), wanted - seen)


def holder_of(value, at):
    for key in at[:-1]:
        value = value[key]
    return value


def wrong_ones(value, at, known):
    """VALUE with the key at AT changed in ways that must not pass."""
    is_value = holder_of(value, at)[at[-1]]
    wrong = [("null", None), ("another type", TYPES_WRONG[type(is_value)])]
    if type(is_value) is int:
        wrong.append(("below 0", -1))
    for what, instead in wrong:
        changed = copy.deepcopy(value)
        holder_of(changed, at)[at[-1]] = instead
        yield what, changed
    if at[-1] not in known:
        changed = copy.deepcopy(value)
        holder = holder_of(changed, at)
        holder[at[-1] + "_x"] = holder.pop(at[-1])
        yield "renamed", changed


def what_is_wrong_is_refused():
    known = counters()
    kinds = {}
    for path, value in files():
        kinds[schema_of(path), value.get("proto"), value.get("state"), len(value)] = path, value
    for (name, *_), (path, value) in kinds.items():
        for at in keys_of(value):
            if at[0] == "counters" and len(at) == 3 and not at[-1].endswith("_in"):
                continue  # they are all alike
            for what, changed in wrong_ones(value, at, known):
                if validator_of(name).is_valid(changed):
                    cases.fail(f"{path.relative_to(NET)}: {'/'.join(map(str, at))}: {what} passes")


cases.main([states_were_many, every_file_is_as_its_schema_says,
            keys_are_snake_case_and_nothing_is_null, counters_are_those_of_the_page,
            what_is_only_there_at_times_was_there, what_is_wrong_is_refused])
