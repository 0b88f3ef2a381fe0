#!/usr/bin/env python3
"""Shows a received message part by part, as a reader without any kinship to Postern sees it.

Usage: show-message.py FILE.eml [FILE.json]    a file, with the envelope the catcher noted beside it
       show-message.py --mailhog URL ADDRESS   the newest message to ADDRESS in a MailHog
"""

import email
import email.policy
import hashlib
import json
import pathlib
import sys
import urllib.parse
import urllib.request


def show_envelope(sender, recipients):
    print(f"  MAIL FROM  <{sender}>")
    for recipient in recipients:
        print(f"  RCPT TO    <{recipient}>")


def show_message(content):
    message = email.message_from_bytes(content, policy=email.policy.default)
    for name in ("From", "To", "Cc", "Bcc", "Subject", "Message-ID"):
        if name in message:
            print(f"  {name:10} {message[name]}")
    show_part(message, 1)


def show_part(part, depth):
    facts = [part.get_content_type()]
    if part.get_content_disposition():
        facts.append(part.get_content_disposition())
    if part.get_filename():
        facts.append(f'"{part.get_filename()}"')
    if part["Content-ID"]:
        facts.append(f"id {part['Content-ID']}")
    if not part.is_multipart():
        octets = part.get_payload(decode=True)
        facts.append(f"{len(octets)} octets")
        facts.append(f"sha256 {hashlib.sha256(octets).hexdigest()[:12]}")
    print("  " * depth + "- " + ", ".join(facts))
    if part.get_content_maintype() == "text":
        text = octets.decode(part.get_content_charset("utf-8"), "replace")
        for line in text.splitlines()[:8]:
            print("  " * depth + f"    | {line}")
    if part.is_multipart():
        for inner in part.iter_parts():
            show_part(inner, depth + 1)


def show_file(path, description=None):
    if description:
        facts = json.loads(pathlib.Path(description).read_text(encoding="utf-8"))
        show_envelope(facts["sender"]["address"],
                      [recipient["address"] for recipient in facts["recipients"]])
    show_message(pathlib.Path(path).read_bytes())


def show_mailhog(url, address):
    query = urllib.parse.urlencode({"kind": "to", "query": address, "limit": 1})
    with urllib.request.urlopen(f"{url}/api/v2/search?{query}", timeout=20) as answer:
        items = json.load(answer)["items"]
    if not items:
        sys.exit(f"MailHog has no message to {address}.")
    raw = items[0]["Raw"]
    show_envelope(raw["From"], raw["To"])
    show_message(raw["Data"].encode() + b"\r\n")


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "--mailhog":
        show_mailhog(arguments[1], arguments[2])
    elif 1 <= len(arguments) <= 2 and not arguments[0].startswith("-"):
        show_file(*arguments)
    else:
        sys.exit(__doc__.strip())


main(sys.argv[1:])
