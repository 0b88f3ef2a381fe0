"""An SMTP server whose behaviour at each point of the dialogue is a small script.

A script maps a point to an action. The points, in the order of a transaction:

    connect  EHLO  STARTTLS  AUTH  MAIL  RCPT  DATA   a command came (connect: a client came)
    content                                           some octets of the content came
    dot                                               the content is complete, no reply was sent
    done                                              the final reply was sent
    RSET  NOOP  QUIT                                  as above

and an action is one of

    "550 5.1.1 No such user"    this reply (lines parted by CRLF)
    CLOSE                       the connection ends without a reply
    SILENCE                     no reply, ever; the connection stays open
    None                        what an ordinary server does here
    a function of an Event      does something, and returns any of the above

Whatever the script says, a message whose content came to its end is recorded in `received`
with the reply it was given (None: no reply was sent), as a server does that stores a message
first and answers then.
"""

import asyncio
import base64
import dataclasses
import itertools
import socket
import threading

from processes import LOOPBACK, OnLoopback

CLOSE = object()
SILENCE = object()
BLOCK = 65536
END_OF_CONTENT = b"\r\n.\r\n"
CAPABILITIES = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8", "SIZE 0")


@dataclasses.dataclass
class Event:
    """What happened, for actions that are functions."""
    point: str
    argument: str          # what followed the verb
    transaction: "Transaction"
    octets: int = 0        # of content so far


@dataclasses.dataclass
class Transaction:
    """One mail transaction as the server saw it."""
    sender: str = ""
    mail_parameters: str = ""
    recipients: list = dataclasses.field(default_factory=list)   # those it accepted
    refused: list = dataclasses.field(default_factory=list)
    content: bytes = b""
    reply: str = None

    @property
    def taken(self):
        """Whether the server has the message: it said so, or nobody knows what it said."""
        return self.reply is None or self.reply.startswith("2")


def sequence(*actions):
    """The first action the first time, and so on; the last one from then on."""
    remaining = itertools.chain(actions, itertools.repeat(actions[-1]))
    return lambda event: next(remaining)


def by_recipient(table):
    """Actions for RCPT by the local part of the address; others are accepted."""
    return lambda event: table.get(address_of(event.argument).partition("@")[0])


def address_of(argument):
    """The address in the argument of MAIL or RCPT."""
    return argument.partition("<")[2].partition(">")[0]


class ScriptedServer(OnLoopback):
    """Runs the script for every connection, in a thread of its own."""

    def __init__(self, script=None, capabilities=CAPABILITIES, tls=None, auth=None):
        self.script = script or {}
        self.capabilities = capabilities
        self.tls = tls            # an ssl.SSLContext: STARTTLS is offered
        self.auth = auth          # "PLAIN LOGIN": offered, after STARTTLS when there is TLS
        self.received = []
        self.commands = []
        self.errors = []          # what an action raised; stop() raises it again
        self.connections = 0
        self._tasks = set()
        self._listener = socket.socket()
        # A small window, inherited by connections: what the client has sent is what was read here.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BLOCK)
        self._listener.bind((LOOPBACK, 0))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def taken(self):
        return [transaction for transaction in self.received if transaction.taken]

    def stop(self):
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        if self.errors:
            raise self.errors[0]

    def _run(self):
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self):
        self._ended = asyncio.Event()
        server = await asyncio.start_server(self._connected, sock=self._listener, limit=BLOCK)
        await self._ended.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader, writer):
        self.connections += 1
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            await Dialogue(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass  # the client went away, or the test is over
        except Exception as error:  # kept for the test: an asyncio task would swallow it
            self.errors.append(error)
        finally:
            writer.close()
            self._tasks.discard(task)


class Ended(ConnectionError):
    """The script ended the connection."""


class Dialogue:
    """One connection."""

    def __init__(self, server, reader, writer):
        self.server = server
        self.reader = reader
        self.writer = writer
        self.secure = False
        self.transaction = Transaction()

    async def run(self):
        await self.answer("connect", "", "220 scripted.test ESMTP")
        while line := await self.reader.readline():
            text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
            self.server.commands.append(text)
            verb, _, argument = text.partition(" ")
            command = getattr(self, "command_" + verb.lower(), None)
            if command is None:
                await self.send("502 5.5.1 Not implemented")
            else:
                await command(verb.upper(), argument)

    async def send(self, reply):
        self.writer.write(reply.encode() + b"\r\n")
        await self.writer.drain()

    async def act(self, point, argument, ordinary, octets=0):
        """The reply the script wants at this point; `ordinary` where it says nothing."""
        action = self.server.script.get(point)
        while callable(action):
            action = action(Event(point, argument, self.transaction, octets))
        if action is CLOSE:
            raise Ended()
        if action is SILENCE:
            await asyncio.Event().wait()
        return ordinary if action is None else action

    async def answer(self, point, argument, ordinary):
        """Sends the reply the script wants, and says whether it is a positive one."""
        reply = await self.act(point, argument, ordinary)
        await self.send(reply)
        return reply[0] in "23"

    async def command_ehlo(self, verb, argument):
        lines = ["scripted.test", *self.server.capabilities]
        if self.server.tls and not self.secure:
            lines.append("STARTTLS")
        if self.server.auth and (self.secure or not self.server.tls):
            lines.append(f"AUTH {self.server.auth}")
        text = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
        self.transaction = Transaction()
        await self.answer(verb, argument, "\r\n".join(text))

    async def command_helo(self, verb, argument):
        await self.answer(verb, argument, "250 scripted.test")

    async def command_starttls(self, verb, argument):
        if not self.server.tls or self.secure:
            await self.send("503 5.5.1 TLS is not available")
        elif await self.answer(verb, argument, "220 2.0.0 Go ahead"):
            await self.writer.start_tls(self.server.tls)
            self.secure = True

    async def command_auth(self, verb, argument):
        mechanism, _, initial = argument.partition(" ")
        secrets = [initial] if initial else []
        prompts = {"PLAIN": [""], "LOGIN": ["Username:", "Password:"]}.get(mechanism.upper(), [])
        for prompt in prompts[len(secrets):]:
            await self.send("334 " + base64.b64encode(prompt.encode()).decode())
            secrets.append((await self.reader.readline()).decode().strip())
        await self.answer(verb, argument, "235 2.7.0 Authenticated")

    async def command_mail(self, verb, argument):
        self.transaction = Transaction(
            sender=address_of(argument), mail_parameters=argument.partition(">")[2].strip())
        if not await self.answer(verb, argument, "250 2.1.0 Sender ok"):
            self.transaction = Transaction()

    async def command_rcpt(self, verb, argument):
        ok = await self.answer(verb, argument, "250 2.1.5 Recipient ok")
        kept = self.transaction.recipients if ok else self.transaction.refused
        kept.append(address_of(argument))

    async def command_data(self, verb, argument):
        ordinary = "354 End with a dot" if self.transaction.recipients else "554 5.5.1 No recipients"
        reply = await self.act(verb, argument, ordinary)
        await self.send(reply)
        if reply.startswith("354"):
            await self.content()

    async def content(self):
        transaction = self.transaction
        transaction.content = undo_dots(await self.read_content())
        self.server.received.append(transaction)
        reply = await self.act("dot", "", "250 2.0.0 Queued")
        await self.send(reply)
        transaction.reply = reply
        self.transaction = Transaction()
        await self.act("done", "", None)

    async def read_content(self):
        """Reads up to the dot, line by line, so that commands pipelined behind it stay unread."""
        content = bytearray(b"\r\n")  # a dot in the very first line ends the content too
        while not content.endswith(END_OF_CONTENT):
            content += await self.read_line()
            await self.act("content", "", None, octets=len(content) - 2)
        return bytes(content[2:-3])

    async def read_line(self):
        """A line, or a part of one that is longer than the buffer."""
        try:
            return await self.reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as overrun:
            return await self.reader.readexactly(overrun.consumed)

    async def command_rset(self, verb, argument):
        self.transaction = Transaction()
        await self.answer(verb, argument, "250 2.0.0 Reset")

    async def command_noop(self, verb, argument):
        await self.answer(verb, argument, "250 2.0.0 Ok")

    async def command_quit(self, verb, argument):
        await self.answer(verb, argument, "221 2.0.0 Bye")
        raise Ended()


def undo_dots(content):
    """The content without the dots that were put before lines beginning with one."""
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n")[2:]
