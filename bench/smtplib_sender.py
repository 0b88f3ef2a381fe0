#!/usr/bin/python3
"""Python's smtplib in bench/smtp: a thread and a kept connection for each session.

Says "ready", waits for a line, sends, says "done" (see bench/sender.h).
"""

import argparse
import concurrent.futures
import pathlib
import smtplib
import ssl
import sys


def send_share(options, share):
    with smtplib.SMTP("127.0.0.1", options.port, local_hostname="bench.test") as session:
        if options.ca_file:
            session.starttls(context=ssl.create_default_context(cafile=options.ca_file))
        for _ in range(share):
            session.sendmail("sender@a.test", ["recipient@b.test"], options.octets)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--message", type=pathlib.Path, required=True)
    parser.add_argument("--messages", type=int, default=1)
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--ca-file")
    options = parser.parse_args()
    options.octets = options.message.read_bytes()
    share, rest = divmod(options.messages, options.sessions)
    print("ready", flush=True)
    sys.stdin.readline()
    with concurrent.futures.ThreadPoolExecutor(options.sessions) as pool:
        running = [pool.submit(send_share, options, share + (session < rest))
                   for session in range(options.sessions)]
        for one in running:
            one.result()
    print("done", flush=True)


if __name__ == "__main__":
    main()
