"""Runs a command as on a kernel without lightweight guards (before Linux 6.13).

    older_kernel.py COMMAND [ARGUMENT...]

There `madvise` knows no advice 102 (`MADV_GUARD_INSTALL`), and says EINVAL. Here a filter
of system calls says so in its place, to this process and all that it becomes.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

# <linux/audit.h> and the tables of system calls: what an architecture is called, and the
# number of `madvise`.
ARCHITECTURES = {"x86_64": (0xC000003E, 28), "aarch64": (0xC00000B7, 233)}
GUARD_INSTALL = 102

# <linux/prctl.h>
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2

# <linux/seccomp.h>: what a filter answers, and where what it asks about is.
ALLOW = 0x7FFF0000
ERROR = 0x00050000 | errno.EINVAL
NUMBER = 0
ARCHITECTURE = 4
# The lower half of the third argument; these architectures are little-endian.
ADVICE = 16 + 2 * 8

# <linux/bpf_common.h>
LOAD = 0x20
JUMP_IF_EQUAL = 0x15
RETURN = 0x06


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, value)


def program():
    architecture, madvise = ARCHITECTURES[platform.machine()]
    return b"".join([
        instruction(LOAD, ARCHITECTURE),
        instruction(JUMP_IF_EQUAL, architecture, if_false=5),
        instruction(LOAD, NUMBER),
        instruction(JUMP_IF_EQUAL, madvise, if_false=3),
        instruction(LOAD, ADVICE),
        instruction(JUMP_IF_EQUAL, GUARD_INSTALL, if_false=1),
        instruction(RETURN, ERROR),
        instruction(RETURN, ALLOW),
    ])


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def prctl(option, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    if libc.prctl(option, *arguments) != 0:
        error = ctypes.get_errno()
        sys.exit(f"no filter of system calls: {os.strerror(error)}")


def main():
    instructions = program()
    filter = Filter(len(instructions) // 8, instructions)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(filter))
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
