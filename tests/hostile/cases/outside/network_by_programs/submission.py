import datetime
import http.client
import os
import subprocess
import urllib.request
import torch

# What is installed, or built in, to fetch a page.
URL = "http://127.0.0.1:@PORT@/"
COMMANDS = (
    f"curl -s -m 1 {URL}",
    f"wget -q -T 1 -t 1 -O - {URL}",
    "exec 3<>/dev/tcp/127.0.0.1/@PORT@; cat <&3",
    "nc -w 1 127.0.0.1 @PORT@ < /dev/null",
    "socat - TCP:127.0.0.1:@PORT@",
    "perl -MIO::Socket -e 'print IO::Socket::INET->new(\"127.0.0.1:@PORT@\")->getline'",
    "ssh -p @PORT@ -o ConnectTimeout=1 -o BatchMode=yes 127.0.0.1",
    f"git ls-remote {URL}",
    "openssl s_client -connect 127.0.0.1:@PORT@ < /dev/null",
    "nsenter -t 1 -n curl -s http://127.0.0.1:@PORT@/",
    "ip link set lo up && curl -s http://127.0.0.1:@PORT@/",
)
for command in COMMANDS:
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    print(done.stdout)
os.environ["http_proxy"] = URL
for address in (URL, "ftp://127.0.0.1:@PORT@/", "http://localhost:@PORT@/"):
    try:
        print(urllib.request.urlopen(address, timeout=1).read())
    except Exception as error:
        print(error)
for fetch in (
    lambda: torch.hub.load_state_dict_from_url(f"{URL}weights.pth"),
    lambda: http.client.HTTPConnection("127.0.0.1", @PORT@, timeout=1).request("GET", "/"),
    lambda: torch.distributed.TCPStore(
        "127.0.0.1", @PORT@, is_master=False, timeout=datetime.timedelta(milliseconds=100)
    ),
):
    try:
        print(fetch())
    except Exception as error:
        print(error)


def corr2d(X, K):
    return torch.zeros(1, 1)
