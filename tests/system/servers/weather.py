"""Mail hosts of many domains, one address each: quick, slow, silent, dead or refusing for now."""

import asyncio
import socket
import threading
import time


class Weather:
    """Listens at one port of each host's address; the behaviour of a host is one of

        quick    an ordinary server; notes when each message came
        slow     the same, but for a pause before each reply
        silent   takes connections and says nothing
        refusing 451 to every recipient
        dead     nobody listens
    """

    def __init__(self, hosts, pause=2):
        self.arrivals = []  # (subject, time, address)
        self._pause = pause
        self._hosts = {address: kind for address, kind in hosts.items() if kind != "dead"}
        self._sockets = []
        self.port = 0
        for address in hosts:
            if hosts[address] == "dead":
                continue
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, self.port))
            listener.listen(1024)
            self.port = listener.getsockname()[1]
            self._sockets.append((listener, hosts[address], address))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self):
        self._ended = asyncio.Event()
        servers = [await asyncio.start_server(self._talker(kind, address), sock=listener)
                   for listener, kind, address in self._sockets]
        await self._ended.wait()
        for server in servers:
            server.close()
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()

    def stop(self):
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _talker(self, kind, address):
        async def talk(reader, writer):
            try:
                if kind == "silent":
                    await reader.read()
                else:
                    await self._talk(kind, address, reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()
        return talk

    async def _talk(self, kind, address, reader, writer):
        async def say(reply):
            if kind == "slow":
                await asyncio.sleep(self._pause)
            writer.write(reply.encode() + b"\r\n")
            await writer.drain()

        await say("220 mx.test")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                await say("250-mx.test\r\n250 PIPELINING")
            elif verb == b"RCPT" and kind == "refusing":
                await say("451 4.3.0 later")
            elif verb == b"DATA" and kind == "refusing":
                await say("503 5.5.1 nobody")
            elif verb == b"DATA":
                await say("354 go on")
                content = await reader.readuntil(b"\r\n.\r\n")
                self._note(content, address)
                await say("250 taken")
            elif verb == b"QUIT":
                return await say("221 bye")
            else:
                await say("250 ok")

    def _note(self, content, address):
        subject = next((line[9:].decode() for line in content.split(b"\r\n")
                        if line.startswith(b"Subject: ")), "")
        self.arrivals.append((subject, time.time(), address))
