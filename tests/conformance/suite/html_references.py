"""What HTML refers to, for readers that follow it: the rest of it is none of the suite's."""

import html.parser
import re
import urllib.parse


class References(html.parser.HTMLParser):
    """The URLs of pictures and other parts; not those in comments."""

    def __init__(self, text):
        super().__init__()
        self.found, self.is_style = [], False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.is_style = tag == "style"
        for name, value in attributes:
            if name in ("src", "background", "poster", "data", "href"):
                self.found.append((value or "").strip())
            elif name == "srcset":
                self.found += [each.split()[0] for each in (value or "").split(",") if each.split()]
            elif name == "style":
                self.add_style(value or "")

    def handle_data(self, data):
        if self.is_style:
            self.add_style(data)

    def add_style(self, text):
        self.found += [hit[2] for hit in re.finditer(r"url\(\s*(['\"]?)(.*?)\1\s*\)", text)]


def cid_references(text):
    return [urllib.parse.unquote(each[4:]) for each in References(text).found
            if each.lower().startswith("cid:")]


def meta_charset(text):
    text = re.sub(r"(?s)<!--.*?-->", "", text)
    hit = re.search(r"<meta[^>]*charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", text, re.IGNORECASE)
    return hit[1].lower() if hit else None
