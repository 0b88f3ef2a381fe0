"""What `cmake --install` leaves is all that others need: the examples are built against it, after
it was moved to another place, and run; and `uninstall` takes all of it away again."""

import concurrent.futures
import os
import re
import shutil
import subprocess

import pytest

from mail import parse
from postern_program import REPOSITORY, program
from processes import find_program

EXAMPLES = sorted(path.parent.name for path in REPOSITORY.glob("examples/*/CMakeLists.txt"))
JOBS = 2
SECONDS = 300  # for any one command; a compiler may have to share the machine
SENDER, RECIPIENT, REFUSED = "ann@a.test", "bob@b.test", "refuse-550@b.test"
LETTER = (b"From: ann@a.test\r\nTo: bob@b.test\r\nSubject: Installed\r\n"
          b"Date: Fri, 11 Jul 2025 21:00:37 +0000\r\nMIME-Version: 1.0\r\n"
          b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
          + "Grüße\r\n".encode())

pytestmark = pytest.mark.skipif(bool(os.environ.get("POSTERN_SANITIZE")),
                                reason="what is built with sanitizers is not for others to link")


# What the compiler's cache keeps of one temporary folder counts for the next one, too.
CACHE = {"CCACHE_BASEDIR": "/", "CCACHE_NOHASHDIR": "1",
         "CCACHE_SLOPPINESS": "pch_defines,time_macros"}


def run(*words, env=os.environ, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=SECONDS,
                          env={**env, **CACHE}, **options)


def succeed(*words, **options):
    """What the command writes; where it fails, the test does, and shows what was said."""
    done = run(*words, **options)
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, f"{' '.join(map(str, words))}\n{said}"
    return done.stdout


def in_parallel(work, things):
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        return dict(zip(things, pool.map(work, things)))


class Build:
    """The build folder that the program under test lies in."""

    def __init__(self):
        self.directory = program().parent
        self.cmake = find_program("cmake")
        cache = self.directory / "CMakeCache.txt"
        assert cache.exists(), f"{self.directory} is no build folder; POSTERN_PROGRAM names one"
        self.cache = dict(re.findall(r"^(\w+):\w+=(.*)$", cache.read_text(), re.MULTILINE))
        self.compiler = self.cache["CMAKE_CXX_COMPILER"]

    def install(self, *options, **environment):
        succeed(self.cmake, "--install", self.directory, *options,
                env={**os.environ, **environment})

    def uninstall(self, **environment):
        succeed(self.cmake, "--build", self.directory, "--target", "uninstall",
                env={**os.environ, **environment})

    def configure(self, source, directory, *options):
        return run(self.cmake, "-S", source, "-B", directory, "-G", self.cache["CMAKE_GENERATOR"],
                   f"-DCMAKE_CXX_COMPILER={self.compiler}", "-DCMAKE_BUILD_TYPE=",
                   "-DCMAKE_CXX_FLAGS=-O0", *self.launcher(), *options)

    def cached_compiler(self):
        launcher = self.cache.get("CMAKE_CXX_COMPILER_LAUNCHER")
        return [launcher, self.compiler] if launcher else [self.compiler]

    def launcher(self):
        """The compiler's cache, where the build has one."""
        name = "CMAKE_CXX_COMPILER_LAUNCHER"
        return [f"-D{name}={self.cache[name]}"] if self.cache.get(name) else []


@pytest.fixture(scope="module")
def build():
    """What was installed from the folder by its owner can be uninstalled afterwards, too."""
    build = Build()
    notes = {path: path.read_bytes() for path in build.directory.glob("install_*.txt")}
    yield build
    for path in build.directory.glob("install_*.txt"):
        path.unlink()
    for path, content in notes.items():
        path.write_bytes(content)


@pytest.fixture(scope="module")
def prefix(build, tmp_path_factory):
    """Installed in one place and moved to another; of the first nothing is left."""
    directory = tmp_path_factory.mktemp("install")
    build.install("--prefix", directory / "first")
    (directory / "first").rename(directory / "second")
    yield directory / "second"
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def library_directory(prefix):
    return next(prefix.glob("**/cmake/Postern")).parents[1]


@pytest.fixture(scope="module")
def examples(build, prefix, tmp_path_factory):
    """A function that gives the example's program, which was built by itself."""
    directory = tmp_path_factory.mktemp("examples")

    def make(name):
        configured = build.configure(REPOSITORY / "examples" / name, directory / name,
                                     f"-DCMAKE_PREFIX_PATH={prefix}")
        if configured.returncode != 0:
            return configured
        return run(build.cmake, "--build", directory / name)

    built = in_parallel(make, EXAMPLES)

    def example(name):
        said = (built[name].stdout + built[name].stderr).decode(errors="replace")
        assert built[name].returncode == 0, said
        return directory / name / f"{name}_example"

    yield example
    shutil.rmtree(directory)


@pytest.fixture
def catcher(prefix, make_catcher, tmp_path):
    """The installed program's."""
    return make_catcher(prefix / "bin" / "postern", tmp_path)


@pytest.fixture
def letter(tmp_path):
    path = tmp_path / "letter.eml"
    path.write_bytes(LETTER)
    return path


def subject(message):
    return parse(message)["Subject"]


def test_a_public_header_includes_public_headers_only(prefix):
    """A library beneath, which a program that embeds Postern need not have, is none of them."""
    include = prefix / "include"
    faults = []
    for header in include.glob("postern/**/*.h"):
        for name in re.findall(r'^\s*#\s*include\s*([<"][^>"]+[>"])', header.read_text(),
                               re.MULTILINE):
            ours = name.startswith('"postern/') and (include / name[1:-1]).exists()
            standard = re.fullmatch(r"<[a-z_]+>", name)
            if not ours and not standard:
                faults.append(f"{header.relative_to(include)} includes {name}")
    assert faults == []


def source_of(header):
    room = REPOSITORY if header.parts[0] in ("mime", "smime", "smtp") else REPOSITORY / "src"
    return (room / header).with_suffix(".cpp")


def test_each_public_header_compiles_alone(build, prefix):
    include = prefix / "include"
    # A header with a source of its own is compiled first in that, whenever the library is built.
    headers = [header for header in sorted(include.glob("postern/**/*.h"))
               if not source_of(header.relative_to(include / "postern")).exists()]
    assert include / "postern" / "mapi" / "msg_store.h" in headers

    # Seen from the folder of the headers, each has the same name wherever that is: the compiler's
    # cache knows it again.
    def compile_alone(header):
        name = header.relative_to(include)
        source = include / f"{name}.cpp".replace("/", "-")
        source.write_text(f'#include "{name}"\n')
        return run(*build.cached_compiler(), "-std=c++20", "-O0", "-Wall", "-Werror", "-I", ".",
                   "-c", source.name, "-o", source.with_suffix(".o").name, cwd=include)

    compiled = in_parallel(compile_alone, headers)
    assert [done.stderr.decode() for done in compiled.values() if done.returncode != 0] == []


def test_send_uses_the_engine_alone(examples, catcher, letter):
    succeed(examples("send"), catcher.relay, SENDER, RECIPIENT, letter)
    (envelope, octets), = catcher.wait_for(1)
    assert envelope["sender"]["address"] == SENDER
    assert LETTER in octets
    refused = run(examples("send"), catcher.relay, SENDER, REFUSED, letter)
    assert refused.returncode == 1 and refused.stdout.startswith(b"failed: 550 ")


def test_pkg_config_and_the_compiler_do_as_well(build, prefix, library_directory, catcher, letter,
                                                tmp_path):
    flags = succeed(find_program("pkg-config"), "--cflags", "--libs", "postern-smtp",
                    env={**os.environ, "PKG_CONFIG_PATH": str(library_directory / "pkgconfig")})
    sender = tmp_path / "sender"
    succeed(build.compiler, "-std=c++20", REPOSITORY / "examples" / "send" / "main.cpp", "-o",
            sender, *flags.decode().split())
    succeed(sender, catcher.relay, SENDER, RECIPIENT, letter,
            env={**os.environ, "LD_LIBRARY_PATH": str(library_directory)})
    (_, octets), = catcher.wait_for(1)
    assert subject(octets) == "Installed"


def test_convert_makes_mime_of_a_msg(examples, catcher, postern, tmp_path):
    sample = postern.sample()
    converted = tmp_path / "converted.eml"
    converted.write_bytes(succeed(examples("convert"), sample))
    assert subject(converted.read_bytes()) == subject(postern.convert(sample))
    succeed(examples("send"), catcher.relay, SENDER, RECIPIENT, converted)
    (_, octets), = catcher.wait_for(1)
    assert converted.read_bytes() in octets


def test_sign_and_seven_bit_change_a_message_on_its_way(examples, catcher, letter, tmp_path):
    key, plain, signed = (tmp_path / name for name in ("key.pem", "plain.eml", "signed.eml"))
    succeed(find_program("openssl"), "genpkey", "-algorithm", "ED25519", "-out", key)
    plain.write_bytes(succeed(examples("seven_bit"), letter))
    signed.write_bytes(succeed(examples("sign"), plain, "relaxed/relaxed", "a.test", "key", key))
    succeed(examples("send"), catcher.relay, SENDER, RECIPIENT, signed)
    (_, octets), = catcher.wait_for(1)
    assert octets.isascii()
    assert parse(octets).get_content().strip() == "Grüße"
    assert "d=a.test" in parse(octets)["DKIM-Signature"]


def test_gateway_sends_and_tells(examples, catcher, tmp_path):
    done = run(examples("gateway"), tmp_path / "store", catcher.relay, SENDER, RECIPIENT, REFUSED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines() == [f"{RECIPIENT}: delivered", f"{REFUSED}: failed"]
    (envelope, octets), = catcher.wait_for(1)
    assert envelope["sender"]["address"] == SENDER and subject(octets) == "Hello"


def test_memory_store_is_a_store_for_the_spooler(examples, catcher):
    done = run(examples("memory_store"), catcher.relay, SENDER, RECIPIENT, REFUSED)
    delivered, failed, report = done.stdout.decode().splitlines()
    assert done.returncode == 1
    assert delivered.startswith(f"{RECIPIENT}: delivered")
    assert failed.startswith(f"{REFUSED}: failed")
    assert report == "in the Inbox: Undeliverable: Hello"
    (_, octets), = catcher.wait_for(1)
    assert subject(octets) == "Hello"


def test_sms_transport_is_a_transport_for_the_spooler(examples, tmp_path):
    directory = tmp_path / "directory"
    directory.mkdir()
    done = run(examples("sms_transport"), tmp_path / "store", directory, SENDER, "SMS:+4912345",
               RECIPIENT, "SMS:nobody")
    assert done.returncode == 1, done.stderr
    assert b"+4912345: delivered" in done.stdout
    assert b"nobody: failed" in done.stdout
    assert done.stdout.endswith(b"in the Inbox: Undeliverable: Hello\n")
    assert (directory / "outbox").read_text() == "+4912345: Hello\n"
    kept, = (directory / RECIPIENT / "new").iterdir()
    assert subject(kept.read_bytes()) == "Hello"


@pytest.mark.parametrize("staged", [False, True], ids=["prefix", "DESTDIR"])
def test_uninstall_leaves_what_was_there_before(build, tmp_path, staged):
    prefix = tmp_path / "made" / "for" / "this"
    there_before = tmp_path / "made" / "by others"
    there_before.mkdir(parents=True)
    root = tmp_path / "root" if staged else tmp_path
    environment = {"DESTDIR": str(root)} if staged else {}
    build.install("--prefix", prefix, **environment)
    files = [path for path in root.rglob("*") if path.is_file()]
    assert any(path.name == "gateway.h" for path in files), files
    build.install("--prefix", prefix, **environment)  # again, over the first
    build.uninstall(**environment)
    assert sorted(path for path in tmp_path.rglob("*")) == [tmp_path / "made", there_before]


def test_uninstall_spares_what_others_put_there(build, tmp_path):
    foreign = tmp_path / "include" / "postern" / "of others.h"
    build.install("--prefix", tmp_path)
    foreign.touch()
    build.uninstall()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [foreign]


def test_a_project_takes_the_tree_in_as_a_folder(build, tmp_path):
    """By FetchContent, which is told where the tree lies. What only programs and tests need is not
    asked for."""
    (tmp_path / "CMakeLists.txt").write_text("""\
cmake_minimum_required(VERSION 3.25)
project(Consumer LANGUAGES CXX)
include(FetchContent)
FetchContent_Declare(Postern URL https://postern.invalid/postern.tar.gz)
FetchContent_MakeAvailable(Postern)
foreach(target IN ITEMS postern unit_tests send_example fast_sink uninstall)
  if(TARGET ${target})
    message(FATAL_ERROR "${target} is none of the libraries")
  endif()
endforeach()
add_executable(consumer main.cpp)
target_link_libraries(consumer PRIVATE Postern::base)
""")
    (tmp_path / "main.cpp").write_text("""\
#include <iostream>
#include <postern/base/atomic_file.h>
int main(int, char** argv) { std::cout << postern::read_file(argv[1], 100).value(); }
""")
    configured = build.configure(tmp_path, tmp_path / "build",
                                 f"-DFETCHCONTENT_SOURCE_DIR_POSTERN={REPOSITORY}",
                                 *(f"-DCMAKE_DISABLE_FIND_PACKAGE_{package}=ON"
                                   for package in ("CLI11", "GTest")))
    assert configured.returncode == 0, configured.stderr.decode()
    succeed(build.cmake, "--build", tmp_path / "build", "--target", "consumer", "--parallel", JOBS)
    (tmp_path / "file").write_text("its content")
    assert succeed(tmp_path / "build" / "consumer", tmp_path / "file") == b"its content"
