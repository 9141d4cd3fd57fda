"""Which column of which table is which operation, and which cells may share one conversation."""

import os

import ops
import table
from engine import Job
from world import OTHER, OWNER, SILENT, address

N = os.O_NONBLOCK


class Run:
    """An operation and whose process does it."""

    def __init__(self, function, uid=OWNER):
        self.function, self.uid = function, uid

    def __call__(self, conv, file):
        return self.function(conv, file)


OPENING = {how: ops.opening(how) for how in "r w rw rn trunc append o-r o-w o-rw".split()}
OPENING.update(mode=ops.mode, owner=ops.owner)
READING = {
    "read": ops.reading, "readn": ops.reading_at_once, "late": ops.reading_late,
    "again": ops.reading_again, "short": ops.reading_short, "intr": ops.reading,
    "kill": ops.reading, "hung": ops.reading, "pread": ops.reading_at, "poll": ops.polling,
    "poll2": ops.polling_when_read, "close": ops.closing, "rewind": ops.reading_rewound,
    "second": ops.reading_twice, "pieces": ops.reading_in_pieces,
}
WRITING = {
    "write": ops.writing, "writen": ops.writing_at_once, "late": ops.writing_late,
    "part": ops.writing_much, "kill": ops.writing_much, "hung": ops.writing_much,
    "pwrite": ops.writing_at, "arrives": ops.arriving, "bare": ops.writing_bare,
    "most": lambda conv, file: ops.writing(conv, file, words=bytes(ops.MOST)),
    "over": lambda conv, file: ops.writing(conv, file, words=bytes(ops.MOST + 1)),
}
VERBS = {
    "ttl": ops.verb("ttl 64"), "ttln": ops.verb("ttl 64", N), "nodelay": ops.verb("nodelay on"),
    "broadcast": ops.verb("broadcast on"), "junk": ops.verb("frobnicate"),
    "few": ops.verb("ttl"), "udp": ops.verb("headers on"), "lines": ops.verb("ttl 5\njunk\n"),
    "shutdown": ops.verb("shutdown wr"),
    "connect": ops.verb(ops.its_peer), "connectn": ops.verb(ops.its_peer, N),
    "other": ops.verb(ops.another_peer, N), "announce": ops.verb(ops.its_announcement),
    "bind": ops.verb(ops.a_bind), "shutwr": ops.verb("shutdown wr"),
    "hangup": ops.verb("hangup"), "close": ops.verb("close"),
}
SEEN_BY_PEER = {words.replace("shutdown ", "shut"): ops.seen_by_peer(words)
                for words in ("shutdown wr", "hangup", "close", "reject")}
TO_SILENCE = ops.verb(f"connect {SILENT}!9")
OF_LISTEN = {
    **{column: ops.of_listen(READING[column]) for column in "read again poll poll2".split()},
    "ttl": ops.of_listen(VERBS["ttl"]), "first": ops.of_listen(ops.reading_first),
    "fin": ops.fin_of_call,
}
AFTER = {f"{how}-after": ops.what_is_left(how) for how in ("r", "w", "rw")}


def last(conv, _):
    """Close the file that made it, the last there is: what the peer sees, and that it is gone."""
    os.close(conv.made_fd)
    conv.made_fd = None
    seen = ops.seen_by(conv)
    if os.path.exists(conv.dir):
        return f"{seen}, but its directory is there"
    return seen


TITLES = {
    "data: writing": WRITING,
    "ctl: verbs that do not touch the state": {
        **VERBS, "nodelay": ops.verb("nodelay on")},
    "ctl: verbs that do": VERBS,
    "ctl: what a peer sees of them": SEEN_BY_PEER,
    "ctl: a connect that waits": dict.fromkeys("connect intr goes-on kill hung".split(), TO_SILENCE),
    "listen: an open that waits": dict.fromkeys("intr kill hung".split(), OPENING["rw"]),
    "listen: what it opened": {**OF_LISTEN, **AFTER},
    "proto/clone: opening": {**OPENING, **AFTER, "pread": ops.reading_at},
    "proto/stats: opening and reading": {**OPENING, **READING},
    "clone: the file that made it": {**READING, **VERBS, "last": last},
}
UNHARMED = "ctl: verbs that do not touch the state", "proto/stats: opening and reading"
UNHARMING = "pread pwrite poll close".split()
TABLES = "err local remote status stats".split()
# Who looks for a conversation opens files of all of them, and so keeps others' alive meanwhile.
FINDING = "listen: what it opened", "proto/clone: opening"
KNOWN = table.known()
WAYS = "intr part kill hung goes-on".split()


def run_of(cell):
    column = cell.column
    title = cell.table.partition(": ")[2]
    of_table = TITLES.get(cell.table, OPENING if title == "opening" else READING)
    return Run(of_table[column], OTHER if column.startswith("o-") else OWNER)


def way_of(cell):
    if cell.column == "last":
        return "alone"
    if cell.table in FINDING:
        return "apart"
    if cell.column in WAYS:
        return cell.column
    if "waits" in (*table.alternatives(cell.expected), KNOWN.get(cell.key())):
        return "waits"
    return "plain"


def may_share(cell):
    """Does it leave the conversation as it was, whatever comes?"""
    title = cell.table.partition(": ")[2]
    if way_of(cell) != "plain":
        return False
    if cell.state == "taken" and cell.file in ("data", "ctl"):
        return False # to open it for reading and writing makes it end when that is closed (4.5)
    if cell.file == "listen":
        return title == "opening" and cell.state not in ("announced", "call")
    return (title == "opening" or cell.file in TABLES or cell.table in UNHARMED or
            (cell.table == "ctl: reading" and cell.state != "unlinked") or
            (cell.file in ("data", "accept") and cell.column in UNHARMING))


def jobs_of(cells):
    shared, jobs = {}, []
    for cell in cells:
        if may_share(cell):
            # By user, too: one process asks them all.
            shared.setdefault((cell.state, cell.table, run_of(cell).uid), []).append(cell)
        else:
            jobs.append([cell])
    return [Job(some, [run_of(cell) for cell in some], way_of(some[0]),
                some[0].table.startswith("clone:"))
            for some in [*shared.values(), *jobs]]
