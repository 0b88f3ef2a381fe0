"""Random MIME messages in octets, as mail programs write them and as they had better not."""

import base64
import quopri

TEXTS = {
    "utf-8": "Grüße aus Köln, naïve façade: 漢字 и кириллица €",
    "iso-8859-1": "Grüße aus Köln, naïve façade, señor",
    "koi8-r": "Привет, мир",
    "us-ascii": "Nothing but plain words = here",
}


class RandomMail:
    """Takes its choices from a random generator: the same one gives the same messages."""

    def __init__(self, random):
        self.random = random
        self.boundaries = 0

    def message(self, depth=0):
        head = b"From: sender@a.test\r\nSubject: something\r\n"
        return head + self.sometimes(b"MIME-Version: 1.0\r\n", 0.9) + self.entity(depth)

    def entity(self, depth):
        """The MIME fields, the empty line, the content."""
        kinds = [self.text, self.attachment]
        if depth < 4:
            kinds += [self.multipart, self.multipart, self.embedded]
        return self.random.choice(kinds)(depth)

    def text(self, _depth):
        charset = self.random.choice(list(TEXTS))
        end = self.random.choice((b"\r\n", b"\r\n", b"\n"))
        lines = [self.line(TEXTS[charset]).encode(charset) + end
                 for _ in range(self.random.randrange(12))]
        media = self.choice(b"text/plain", b"Text/HTML") + self.parameter(b"charset", charset.encode())
        encodings = ("7bit", "8bit", "8bit", None, "quoted-printable", "base64")
        return self.leaf(media, b"".join(lines), self.random.choice(encodings))

    def line(self, words):
        words = " ".join(self.random.choices(words.split(), k=self.random.randrange(30)))
        return self.choice("", "", ".", "--", "-- ", "From ") + words + self.choice("", "", " ", "\t")

    def attachment(self, _depth):
        media = self.choice(b"image/png", b"Application/Octet-Stream")
        return self.leaf(media + self.parameter(b"name", b'"a; b=\\"c\\".bin"'),
                         self.random.randbytes(self.random.randrange(3000)),
                         self.choice("binary", "base64"))

    def leaf(self, media, content, encoding):
        if encoding == "base64":
            content = base64.encodebytes(content)
        elif encoding == "quoted-printable":
            content = quopri.encodestring(content.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
        return self.header(media, encoding) + content

    def embedded(self, depth):
        return self.header(b"message/rfc822", self.choice("7bit", "8bit", None)) + self.message(depth + 1)

    def multipart(self, depth):
        boundary = self.boundary()
        padding = self.choice(b"", b"", b" ", b"\t ")
        media = self.choice(b"multipart/mixed", b"Multipart/Alternative", b"multipart/x-other")
        parts = [b"--" + boundary + padding + b"\r\n" + self.entity(depth + 1) + b"\r\n"
                 for _ in range(1 + self.random.randrange(4))]
        return (self.header(media + self.parameter(b"boundary", b'"' + boundary + b'"'),
                            self.choice("7bit", "8bit", "binary", None))
                + self.filler() + b"".join(parts)
                + b"--" + boundary + b"--" + padding + b"\r\n" + self.filler())

    def boundary(self):
        """None is used twice; many are the beginning of another."""
        self.boundaries += 1
        return self.sometimes(b"=_") + b"b" * self.boundaries

    def filler(self):
        return self.choice(b"", b"", b"This is MIME.\r\n", "Für alte Leser\r\n".encode())

    def header(self, media, encoding):
        fields = [self.choice(b"Content-Type", b"content-type", b"CONTENT-TYPE") + b": " + media]
        if encoding is not None:
            value = self.choice(encoding, encoding.upper()).encode()
            fields.insert(self.random.randrange(2), b"Content-Transfer-Encoding: " + value)
        return b"\r\n".join(fields) + b"\r\n\r\n"

    def parameter(self, name, value):
        return self.choice(b"; ", b";", b";\r\n\t", b" ;\r\n ") + name + b"=" + value

    def choice(self, *choices):
        return self.random.choice(choices)

    def sometimes(self, octets, probability=0.5):
        return octets if self.random.random() < probability else b""
