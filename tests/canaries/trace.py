"""What strace saw, call by call, and what of it should not have been: writes, programs and connections.

    1234 openat(AT_FDCWD</tmp/cases/a>, "out/x", O_WRONLY|O_CREAT, 0666) = 3</tmp/cases/a/out/x>

Calls are judged whether or not they succeeded: a hostile file that was refused by the system tried all the same. Which
command a call belongs to is told by marks: names that are looked for below `/canaries` when a command begins and ends.
"""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MARKS = "/canaries"
CALLS = (
    *("open", "openat", "openat2", "creat", "truncate", "mknod", "mknodat", "mkdir", "mkdirat", "rmdir"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat"),
    *("chmod", "fchmodat", "chown", "lchown", "fchownat", "utimensat", "setxattr", "lsetxattr", "mount", "chroot"),
    *("execve", "execveat", "connect", "bind", "sendto", "sendmsg", "sendmmsg", "io_uring_setup"),
    *("chdir", "fchdir", "clone", "clone3", "fork", "vfork"),  # in whose folder a call was made
)
"""What is traced: all that can change a name or a file, start a program or speak to another machine."""
STRACE = ("strace", "-f", "--seccomp-bpf", "-y", "-s", "4096", "-e", f"trace={','.join(f'?{call}' for call in CALLS)}")

_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+|\?)(.*)", re.DOTALL)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FOLDER = re.compile(r"(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>")
_WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
_FAMILY = re.compile(r"sa_family=(AF_\w+)")
# Of calls that take two names, both are judged, but for the text of a symbolic link, which is no name yet.
_TWO_NAMES = frozenset({"rename", "renameat", "renameat2", "link", "linkat"})
_FORKS = frozenset({"clone", "clone3", "fork", "vfork"})
_FOLLOWED = _FORKS | {"chdir"}
_TEXT_FIRST = frozenset({"symlink", "symlinkat"})
_SPEAKS = frozenset({"connect", "bind", "sendto", "sendmsg", "sendmmsg"})


@dataclass(frozen=True)
class Finding:
    """Something that should not have been; `command` is the mark of the command, "" between two."""

    command: str
    kind: str
    what: str


@dataclass(frozen=True)
class Call:
    """A system call: name, arguments and result as strace writes them; folder and program of its process."""

    name: str
    arguments: str
    result: str
    folder: str
    program: str

    def paths(self) -> Iterator[str]:
        """Yields the absolute paths that it names, links in them resolved as they are now."""
        opened = re.search(r"<((?:[^>\\]|\\.)*)>", self.result)
        if self.name in ("open", "openat", "openat2", "creat") and opened:
            yield _text(opened[1])  # as the kernel resolved it
        names = [_text(match[1]) for match in _STRING.finditer(self.arguments)]
        folders = [_text(match[1]) for match in _FOLDER.finditer(self.arguments)] or [self.folder]
        if self.name in _TEXT_FIRST:
            names = names[1:]
        count = 2 if self.name in _TWO_NAMES else 1
        for number, name in enumerate(names[:count]):
            path = Path(folders[min(number, len(folders) - 1)], name)
            # The last part of a path that is renamed, removed or opened without following is meant itself.
            yield str(Path(os.path.realpath(path.parent), path.name))


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Yields the calls of a log in the order in which they ended, those that others interrupted put together again."""
    begun: dict[str, str] = {}
    forking: list[str] = []  # processes that wait for a call that makes another one
    folders: dict[str, list[str]] = {}
    programs: dict[str, str] = {}
    for line in lines:
        process, _, rest = line.rstrip("\n").partition(" ")
        rest = rest.strip()
        if process not in folders:
            # Of the first process; a child may say something before its parent hears of it.
            folders[process] = list(folders[forking[-1]]) if forking else [str(Path.cwd())]
            programs[process] = programs[forking[-1]] if forking else ""
        if rest.partition("(")[0] in _FORKS:
            forking.append(process)
        if rest.endswith("<unfinished ...>"):
            begun[process] = rest.removesuffix("<unfinished ...>").rstrip()
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", rest, re.DOTALL)
        if resumed:
            rest = begun.pop(process, "") + resumed[1]
        parsed = _CALL.match(rest)
        if parsed is None:  # a signal, or the end of a process
            continue
        call = Call(parsed[1], parsed[2], parsed[4], folders[process][0], programs[process])
        if call.name == "execve" and parsed[3] == "0":
            programs[process] = _text(_STRING.findall(call.arguments)[0])
        elif call.name == "chdir" and parsed[3] == "0":
            folders[process][0] = next(iter(call.paths()))
        elif call.name in _FORKS and parsed[3].isdigit():
            forking.remove(process)
            shared = folders[process] if "CLONE_FS" in call.arguments else list(folders[process])  # with a thread
            folders.setdefault(parsed[3], shared)
            programs.setdefault(parsed[3], programs[process])
        if call.name not in _FOLLOWED:
            yield call


@dataclass(frozen=True)
class Rules:
    """What a command may do.

    `may_write`: mark of a command and absolute path -> whether that is a place of its own. `may_start`: mark, program
    and arguments. `bait`: the folder in which nothing may be opened.
    """

    may_write: Callable[[str, str], bool]
    may_start: Callable[[str, list[str]], bool]
    bait: Path


def findings(lines: Iterable[str], rules: Rules) -> tuple[list[Finding], dict[str, int]]:
    """Returns what should not have been, and how many calls of each kind were looked at."""
    command = ""
    found: list[Finding] = []
    counts: dict[str, int] = defaultdict(int)
    for call in calls(lines):
        if call.name.startswith("open") and f'"{MARKS}' in call.arguments:
            command = next(_text(match[1]) for match in _STRING.finditer(call.arguments)).removeprefix(f"{MARKS}/")
            command = "" if command == "end" else command
            continue
        kind, wrong = _judged(command, call, rules)
        counts[kind] += 1
        if wrong is not None:
            found.append(Finding(command, kind, f"{wrong}: {call.name}({call.arguments[:300]})"))
    return found, dict(counts)


def _judged(command: str, call: Call, rules: Rules) -> tuple[str, str | None]:
    """Returns what kind a call is of, and what is wrong with it, None where nothing is."""
    if call.name in _SPEAKS:
        family = _FAMILY.search(call.arguments)
        # Without an address it is a pair of sockets of our own; urllib3 binds one of ::1 to see whether there is IPv6.
        is_local = family is None or family[1] == "AF_NETLINK" or (call.name == "bind" and "::1" in call.arguments)
        return "connection", None if is_local else f"{call.name} of {family[1] if family else ''}"
    if call.name in ("execve", "execveat"):
        program, *arguments = [_text(match[1]) for match in _STRING.finditer(call.arguments.partition("], ")[0])]
        return "program", None if rules.may_start(command, [program, *arguments[1:]]) else f"program {program}"
    paths = list(call.paths())
    baited = [path for path in paths if Path(path).is_relative_to(rules.bait)]
    reads = call.name in ("open", "openat", "openat2") and not _WRITES.search(call.arguments)
    if baited:
        return "read" if reads else "write", f"bait {baited[0]}"
    if reads:
        return "read", None
    if call.name in ("io_uring_setup", "mount", "chroot"):
        # Through a ring files could be opened past the tracer; an emulator waits for its timers with one.
        return "write", None if Path(call.program).name.startswith("qemu-") else call.name
    if call.name in ("mkdir", "mkdirat") and "EEXIST" in call.result:
        return "write", None
    outside = [path for path in paths if not rules.may_write(command, path)]
    return "write", f"outside {outside[0]}" if outside else None


def _text(escaped: str) -> str:
    """Returns a string as it was before strace wrote it down."""
    return os.fsdecode(escaped.encode("latin-1").decode("unicode_escape").encode("latin-1"))
