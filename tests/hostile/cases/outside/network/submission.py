import ctypes
import fcntl
import socket
import struct
import torch

# The machine itself, by each of its names, over TCP, UDP and what else there is; with the network
# interface brought up first.
HOSTS = ["127.0.0.1", "0.0.0.0", "127.1.2.3", "localhost", socket.gethostname(), "10.0.2.2"]
SIX = ["::1", "::", "::ffff:127.0.0.1", "ip6-localhost", "fe80::1%lo", "fe80::1%eth0"]
IPPROTO_MPTCP, IPPROTO_SCTP, MSG_FASTOPEN = 262, 132, 0x20000000


def bring_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for name in (b"lo", b"eth0"):
            request = struct.pack("16sh14x", name, 1 | 64)  # IFF_UP, IFF_RUNNING
            try:
                fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS
            except OSError:
                pass


def reach():
    got = []
    for family, hosts in ((socket.AF_INET, HOSTS), (socket.AF_INET6, SIX)):
        for host in hosts:
            for protocol in (0, IPPROTO_MPTCP, IPPROTO_SCTP):
                try:
                    with socket.socket(family, socket.SOCK_STREAM, protocol) as peer:
                        peer.settimeout(0.2)
                        peer.connect((host, @PORT@))
                        got.append(peer.recv(100))
                except OSError:
                    pass
            try:
                with socket.socket(family, socket.SOCK_STREAM) as peer:
                    peer.settimeout(0.2)
                    peer.sendto(b"hello", MSG_FASTOPEN, (host, @PORT@))
                    got.append(peer.recv(100))
            except OSError:
                pass
    return got


bring_up()
print(reach())


def corr2d(X, K):
    raise ValueError(reach())
