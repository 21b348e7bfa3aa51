"""python3 scan.py SOURCE RATE: to another destination of 10.128.0.0/9 with each datagram, until it is ended; then says how many those were."""
import contextlib
import ipaddress
import signal
import socket
import sys
import threading
import time

BATCH = 64
FIRST = int(ipaddress.ip_address("10.128.0.0"))


def main(source: str, rate: int) -> None:
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    sent = 0
    begun = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))
        sock.setblocking(False)
        while not ended.is_set():
            for _ in range(BATCH):
                sent += 1
                with contextlib.suppress(OSError):
                    sock.sendto(b"scan", (str(ipaddress.ip_address(FIRST + sent * 257 % 0x7fffff)), 53))
            time.sleep(max(0.0, begun + sent / rate - time.monotonic()))
    print(sent, flush=True)


main(sys.argv[1], int(sys.argv[2]))
