"""A DNS server on a loopback port that knows the records it is told of, over UDP; other names do
not exist."""

import socket
import struct
import threading

from processes import LOOPBACK

A, MX, TXT = 1, 15, 16
NAME_ERROR = 3


def wire_name(name):
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


class DnsStub:
    def __init__(self, host=LOOPBACK):
        self.asked = []  # (name, type)
        self._records = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.address = "{}@{}".format(*self._socket.getsockname())
        self._socket.settimeout(0.1)  # to see the end: it may be on another machine's network
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def a(self, name, address):
        self._add(name, A, socket.inet_aton(address))

    def mx(self, name, host):
        self._add(name, MX, struct.pack("!H", 10) + wire_name(host))

    def txt(self, name, text):
        self._add(name, TXT, bytes([len(text)]) + text.encode())

    def stop(self):
        self._ended.set()
        self._thread.join()
        self._socket.close()

    def _add(self, name, kind, data):
        self._records.setdefault(name, {}).setdefault(kind, []).append(data)

    def _serve(self):
        while not self._ended.is_set():
            try:
                query, client = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            self._socket.sendto(self._reply(query), client)

    def _reply(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        question = query[12:at + 5]
        name, kind = ".".join(labels), struct.unpack("!H", query[at + 1:at + 3])[0]
        self.asked.append((name, kind))
        records = self._records.get(name, {}).get(kind, [])
        code = 0 if name in self._records else NAME_ERROR
        header = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(records), 0, 0)
        answers = [b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
                   for data in records]
        return header + question + b"".join(answers)
