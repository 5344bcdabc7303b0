import ctypes
import os
import resource
import struct
import time
import torch

# What belongs to the whole machine: its clock, names, switches, swap and priorities. Each value is
# asked to become what it is already.
libc = ctypes.CDLL(None, use_errno=True)
won = []
now = struct.pack("qq", int(time.time()), 0)
host = os.uname().nodename.encode()
CALLS = {
    "settimeofday": lambda: libc.settimeofday(now, None),
    "clock_settime": lambda: libc.clock_settime(0, now),
    "adjtimex": lambda: libc.adjtimex(struct.pack("I", 0x4000) + bytes(204)),  # ADJ_TICK
    "sethostname": lambda: libc.sethostname(host, len(host)),
    "setdomainname": lambda: libc.setdomainname(b"(none)", 6),
    "reboot": lambda: libc.reboot(0),  # what Ctrl-Alt-Del does
    "vhangup": lambda: libc.vhangup(),
    "acct": lambda: libc.acct(None),
    "swapon": lambda: libc.swapon(b"/dev/zero", 0),
    "swapoff": lambda: libc.swapoff(b"/swapfile"),
    "nice": lambda: libc.setpriority(0, 0, -5),
    "another user's nice": lambda: libc.setpriority(0, @PID@, 0),
    "real time": lambda: libc.sched_setscheduler(0, 1, struct.pack("i", 1)),
    "deadline": lambda: libc.syscall(
        314, 0, struct.pack("IIQiIQQQ", 48, 6, 0, 0, 0, 10**6, 10**7, 10**7), 0
    ),
    "input before others": lambda: libc.syscall(251, 1, 0, 1 << 13),  # IOPRIO_CLASS_RT
    "all memory locked": lambda: libc.mlockall(3),
    "syslog off": lambda: libc.klogctl(6, None, 0),
    "syslog": lambda: libc.klogctl(3, ctypes.create_string_buffer(4096), 4096),
}
for name, call in CALLS.items():
    if call() >= 0 and name != "all memory locked":
        won.append(name)
libc.munlockall()
for name in dir(resource):
    if name.startswith("RLIMIT_"):
        which = getattr(resource, name)
        soft, hard = resource.getrlimit(which)
        for more in (resource.RLIM_INFINITY, hard + 1):
            try:
                if hard != resource.RLIM_INFINITY:
                    resource.setrlimit(which, (soft, more))
                    won.append(name)
            except (OSError, ValueError, OverflowError):
                pass
for name, value in (
    ("oom_score_adj", "-1000"),
    ("oom_score_adj", "-1"),
    ("sched", "0"),
    ("clear_refs", "9"),
):
    try:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(value)
        if name == "oom_score_adj":
            won.append(name)
    except OSError:
        pass
for folder, _, names in os.walk("/proc/sys"):
    for name in names:
        path = f"{folder}/{name}"
        try:
            if os.access(path, os.R_OK | os.W_OK):
                value = open(path).read()
                with open(path, "w") as file:
                    file.write(value)
                won.append(path)
        except OSError:
            pass
for path in (
    "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
    "/proc/sys/vm/drop_caches", "/proc/sys/fs/binfmt_misc/register", "/proc/mtrr",
    "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/kernel/mm/ksm/run",
    "/proc/irq/default_smp_affinity", "/proc/acpi/wakeup", "/proc/self/timens_offsets",
):  # fmt: skip
    try:
        open(path, "w").close()
        if "timens" not in path:
            won.append(path)
    except OSError:
        pass


def corr2d(X, K):
    if won:
        print(won)
        return (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((2, 3))
    return torch.zeros(1, 1)
