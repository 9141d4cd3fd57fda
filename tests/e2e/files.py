"""Tests of errors.sh: what kinds of files these are. files.py KERNEL OURS NAME"""

import errno
import json
import os
import select
import stat
import subprocess
import sys
import tempfile

import cases
import tree
from cases import fail, refused, same

KERNEL, OURS = (sys.argv + [""] * 2)[1:3]
ECHO = 7
NET = tree.NET


def path(c, name):
    return f"{NET}/{c.dir}/{name}"


def the_files_have_the_modes_of_the_contract():
    c = tree.Conversation()
    modes = {"tcp": 0o1777, "tcp/clone": 0o666, "tcp/stats": 0o444, "stats": 0o444, "err": 0o444,
             "arp": 0o664, "iproute": 0o664, "ipselftab": 0o444, "log": 0o640, "events": 0o444,
             "": 0o555, c.dir: 0o555}
    for name, mode in {"ctl": 0o600, "data": 0o600, "listen": 0o600, "accept": 0o600, "err": 0o400,
                       "local": 0o444, "remote": 0o444, "status": 0o444, "stats": 0o400}.items():
        modes[f"{c.dir}/{name}"] = mode
    for name, mode in modes.items():
        same(f"mode of {name}", oct(mode), oct(stat.S_IMODE(os.stat(f"{NET}/{name}").st_mode)))


def sizes_are_16_mib_of_data_128_kib_of_stats_and_8_kib_of_the_others():
    c = tree.Conversation()
    same("data", 16 << 20, os.stat(path(c, "data")).st_size)
    for name in (c.dir, "tcp", "."):
        same(name, 16 << 10, os.stat(f"{NET}/{name}/stats").st_size)
    for name in ("ctl", "status", "local", "err", "listen"):
        same(name, 8 << 10, os.stat(path(c, name)).st_size)


def ctl_gives_the_number_once_for_each_open():
    c = tree.Conversation()
    for _ in range(2):
        fd = c.open("ctl")
        same("the text", f"{c.number}\n".encode(), os.read(fd, 100))
        same("the end", b"", os.read(fd, 100))


def a_write_rewinds_what_ctl_says():
    c = tree.Conversation()
    same("before", b"", os.read(c.ctl, 100))
    c.order("ttl 9")
    same("after", f"{c.number}\n".encode(), os.read(c.ctl, 100))


def several_lines_are_several_commands():
    c = tree.Conversation()
    commands = f"ttl 9\nnodelay on\nconnect {KERNEL}!{ECHO}".encode()
    same("length", len(commands), os.write(c.ctl, commands))
    same("state", "Established", c.state())


def a_wrong_first_line_is_an_error():
    refused(errno.EINVAL, os.write, tree.Conversation().ctl, b"wrong\nttl 9\n")


def a_wrong_second_line_is_a_short_count():
    c = tree.Conversation()
    same("count", 6, os.write(c.ctl, b"ttl 9\nwrong\nttl 10\n"))
    same("err names it", True, "wrong" in c.text("err"))


def streams_have_no_position():
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    refused(errno.ESPIPE, os.lseek, data, 0, os.SEEK_SET)
    refused(errno.ESPIPE, os.pread, data, 1, 0)


def a_table_read_byte_by_byte_is_one_snapshot():
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    fd = c.open("stats", os.O_RDONLY)
    text = b""
    while byte := os.read(fd, 1):
        text += byte
        os.write(data, b"more traffic")
    same("number in it", int(c.number), json.loads(text)["number"])


def appending_just_writes():
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    os.write(c.open("data", os.O_WRONLY | os.O_APPEND), b"appended")
    same("what came back", b"appended", tree.read_exactly(data, 8))


def cp_copies_into_data():
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    with tempfile.NamedTemporaryFile() as f:
        f.write(b"by cp")
        f.flush()
        subprocess.run(["cp", f.name, path(c, "data")], check=True)
    same("what came back", b"by cp", tree.read_exactly(data, 5))


def nothing_can_be_made_moved_or_removed():
    c = tree.Conversation()
    refused(errno.EPERM, os.remove, path(c, "data"))
    refused(errno.EPERM, os.rename, path(c, "data"), path(c, "other"))
    refused(errno.EPERM, os.link, path(c, "data"), path(c, "other"))
    refused(errno.EPERM, os.symlink, "data", path(c, "other"))
    refused(errno.EPERM, os.mkdir, path(c, "other"))
    refused(errno.EPERM, os.open, path(c, "other"), os.O_CREAT | os.O_WRONLY, 0o644)
    refused(errno.EPERM, os.open, f"{NET}/other", os.O_CREAT | os.O_WRONLY, 0o644)
    refused(errno.EPERM, os.mkdir, f"{NET}/other")
    refused(errno.EPERM, os.rmdir, f"{NET}/tcp")


def the_stats_of_a_conversation_hold_what_they_must():
    c, data = tree.connected(f"{KERNEL}!{ECHO}")
    os.write(data, b"counted")
    tree.read_exactly(data, 7)
    stats = json.loads(c.text("stats"))
    text = json.dumps(stats)
    for key in ("schema", "proto", "number", "uid", "pid", "state", "local", "remote", "age_us",
                "bytes_in", "bytes_out", "srtt_us", "rttvar_us", "rto_us", "snd_una", "snd_nxt",
                "snd_wnd", "rcv_nxt", "rcv_wnd", "mss", "cwnd", "ssthresh", "last_error"):
        if f'"{key}"' not in text:
            fail(f"no {key} in {text[:300]}")
    same("schema", 1, stats["schema"])
    same("state", "Established", stats["state"])
    same("bytes", (7, 7), (stats["bytes_in"], stats["bytes_out"]))
    same("remote", f"{KERNEL}!{ECHO}", stats["remote"])


def all_stats_are_json_of_schema_1():
    for name in ("stats", "tcp/stats", "udp/stats", "icmp/stats"):
        same(f"schema of {name}", 1, json.loads(tree.text(name))["schema"])
    if "\n" != tree.text("stats")[-1]:
        fail("no newline at the end of stats")


def stats_name_version_and_uptime():
    text = tree.text("stats")
    for key in ("version", "uptime"):
        if key not in text:
            fail(f"no {key} in {text[:200]}")


def status_is_one_line_that_begins_with_the_state():
    c, _ = tree.connected(f"{KERNEL}!{ECHO}")
    lines = c.text("status").splitlines()
    same("lines", 1, len(lines))
    words = lines[0].split()
    same("first word", "Established", words[0])
    same("pairs", 0, len(words[1:]) % 2)


def the_neighbour_is_in_arp():
    same("seen", True, KERNEL in tree.text("arp"))


def the_routes_are_in_iproute():
    text = tree.text("iproute")
    same("the link and the way out", True, "10.9.0.0" in text and KERNEL in text)


def our_address_is_in_ipselftab():
    same("seen", True, OURS in tree.text("ipselftab"))


def events_tell_of_a_conversations_states():
    fd = os.open(f"{NET}/events", os.O_RDONLY)
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    c, _ = tree.connected(f"{KERNEL}!{ECHO}")
    text = ""
    while "Established" not in text:
        if not poll.poll(3000):
            fail(f"nothing more after {text!r}")
        text += os.read(fd, 65536).decode()
    for line in text.splitlines():
        words = line.split()
        same("words of an event", True, len(words) == 7 and words[0].isdigit() and words[1] == "tcp")
    same("it names the conversation", True, f" {c.number} " in text)


def a_thousand_conversations_are_listed_once_each():
    opened = [tree.Conversation() for _ in range(1000)]
    listed = os.listdir(f"{NET}/tcp")
    same("twice", 0, len(listed) - len(set(listed)))
    same("missing", set(), {c.number for c in opened} - set(listed))


cases.main([
    the_files_have_the_modes_of_the_contract,
    sizes_are_16_mib_of_data_128_kib_of_stats_and_8_kib_of_the_others,
    ctl_gives_the_number_once_for_each_open,
    a_write_rewinds_what_ctl_says,
    several_lines_are_several_commands,
    a_wrong_first_line_is_an_error,
    a_wrong_second_line_is_a_short_count,
    streams_have_no_position,
    a_table_read_byte_by_byte_is_one_snapshot,
    appending_just_writes,
    cp_copies_into_data,
    nothing_can_be_made_moved_or_removed,
    the_stats_of_a_conversation_hold_what_they_must,
    all_stats_are_json_of_schema_1,
    stats_name_version_and_uptime,
    status_is_one_line_that_begins_with_the_state,
    the_neighbour_is_in_arp,
    the_routes_are_in_iproute,
    our_address_is_in_ipselftab,
    events_tell_of_a_conversations_states,
    a_thousand_conversations_are_listed_once_each,
])
