"""Programs of Debian that hand their mail to sendmail."""

import os
import pathlib
import subprocess
import textwrap

import pytest

from processes import find_program, unavailable

ATTACHMENT = bytes(range(256)) * 3
BODY = "Schöne Grüße\n.\nFrom a line\n"
TO = {"bob@b.test", "carl@c.test", "hidden@h.test"}


@pytest.fixture
def files(local_mail):
    """A text and a file to be attached, beside each other."""
    local_mail.environment["LC_ALL"] = "C.UTF-8"
    directory = local_mail.postern.directory
    (directory / "body.txt").write_text(BODY)
    (directory / "data.bin").write_bytes(ATTACHMENT)
    return directory


def assert_arrived(mail):
    assert mail.sender == "ann@a.test"
    assert set(mail.recipients) == TO and len(mail.recipients) == len(TO)
    fields = mail.address_fields()
    assert "ann@a.test" in fields["From"]
    assert "bob@b.test" in fields["To"] and "carl@c.test" in fields["Cc"]
    assert b"hidden@h.test" not in mail.content
    assert mail.mail["Subject"] == "Grüße aus Köln"
    attached, = mail.mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("data.bin", ATTACHMENT)


def test_mutt(local_mail, files):
    settings = [f"set sendmail='{local_mail.sendmail} -oem -oi'", "set from=ann@a.test", "set use_from=yes",
                "set copy=no", "set charset=utf-8"]
    with (files / "body.txt").open("rb") as body:
        result = subprocess.run(
            [find_program("mutt"), "-F", "/dev/null",
             *(word for setting in settings for word in ("-e", setting)),
             "-s", "Grüße aus Köln", "-c", "carl@c.test", "-b", "hidden@h.test",
             "-a", files / "data.bin", "--", "Bob <bob@b.test>"],
            stdin=body, capture_output=True, env=local_mail.environment, timeout=60)
    assert result.returncode == 0, result.stderr
    mail = local_mail.only()
    assert_arrived(mail)
    assert mail.text == BODY


def test_s_nail(local_mail, files):
    settings = ["v15-compat", f"mta={local_mail.sendmail}", "from=ann@a.test", "ttycharset=utf-8"]
    result = local_mail.run(
        find_program("s-nail"), "-:/", *(word for setting in settings for word in ("-S", setting)),
        "-s", "Grüße aus Köln", "-c", "carl@c.test", "-b", "hidden@h.test",
        "-a", files / "data.bin", "bob@b.test", mail=BODY.encode())
    assert result.returncode == 0, result.stderr
    mail = local_mail.only()
    assert_arrived(mail)
    assert mail.text == BODY


def git_send_email(local_mail, directory):
    def git(*words):
        result = local_mail.run(find_program("git"), *words, cwd=directory)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout.decode()

    if "send-email" not in git("--list-cmds=main,others"):
        find_program("git-send-email")
    git("init", "--quiet", ".")
    git("config", "user.email", "ann@a.test")
    git("config", "user.name", "Ann Größe")
    for number, text in enumerate(["eins\n", "eins\nzwei für drei\n", "ende\n"]):
        (directory / "text").write_text(text)
        git("add", "text")
        git("commit", "--quiet", "--message", f"Ä change, number {number}")
    git("send-email", "--quiet", "--confirm=never", "--suppress-cc=all", "--8bit-encoding=UTF-8", "--to=bob@b.test",
        "--cc=Carl <carl@c.test>", "--bcc=hidden@h.test", f"--sendmail-cmd={local_mail.sendmail}",
        "HEAD~2")
    return git


def test_git_send_email(local_mail, files):
    """What arrives can be applied, and is the same commit then."""
    repository = files / "repository"
    repository.mkdir()
    git = git_send_email(local_mail, repository)
    mails = sorted(local_mail.received(2), key=lambda mail: mail.mail["Subject"])
    for number, mail in enumerate(mails, 1):
        assert mail.mail["Subject"] == f"[PATCH {number}/2] Ä change, number {number}"
        assert set(mail.recipients) == TO
        assert mail.mail["Bcc"] is None and b"hidden@h.test" not in mail.content
        assert mail.mail["From"] == "Ann Größe <ann@a.test>"
    assert mails[1].mail["In-Reply-To"] == mails[0].mail["Message-ID"]
    tree = git("rev-parse", "HEAD^{tree}")
    authors = git("log", "-2", "--format=%an %ae %s")
    git("reset", "--quiet", "--hard", "HEAD~2")
    for mail in mails:
        (files / "patch.eml").write_bytes(mail.content.replace(b"\r\n", b"\n"))
        git("am", "--quiet", files / "patch.eml")
    assert git("rev-parse", "HEAD^{tree}") == tree
    assert git("log", "-2", "--format=%an %ae %s") == authors


# In a file system of its own: the daemon's folders, its table, the program where mail programs look
# for it, and the system's store, whose folder a group may write.
CRON = """
    set -e
    mount -t tmpfs none /run
    mount -t tmpfs none /var/spool
    mount -t tmpfs none /etc/cron.d
    mkdir -p /var/spool/cron/crontabs
    mount --bind {table} /etc/crontab
    mount --bind {program} /usr/sbin/sendmail
    install -d -m 2770 -g nogroup /var/spool/postern
    umask 007
    {program} spool --store /var/spool/postern/store.sqlite --relay smtp://127.0.0.1:1 --until-empty
    timeout 5 {cron} -f -L 0 || :
    cp /var/spool/postern/store.sqlite* {directory}/queued/
"""
CRONTAB = """
    MAILTO=ops@a.test,root@b.test
    @reboot root printf 'gr\\303\\274n\\n.\\nTo: x\\n'
    @reboot nobody id -un
"""


def test_cron(local_mail, files):
    """The daemon itself mails what jobs print, as the jobs' own users."""
    if os.geteuid() != 0:
        pytest.skip("only root may start cron and mount what it reads")
    if not pathlib.Path("/usr/sbin/sendmail").exists():
        unavailable("no /usr/sbin/sendmail is there in whose place the program could be")
    (files / "queued").mkdir()
    table = files / "crontab"
    table.write_text(textwrap.dedent(CRONTAB))
    script = textwrap.dedent(CRON).format(
        table=table, program=local_mail.postern.program.resolve(), cron=find_program("cron"),
        directory=files)
    del local_mail.environment["POSTERN_STORE"]
    result = local_mail.run(find_program("unshare"), "--mount", "bash", "-c", script)
    assert result.returncode == 0, result.stderr
    local_mail.postern.store = files / "queued" / "store.sqlite"
    by_user, by_root = local_mail.received(2)
    for mail in (by_user, by_root):
        assert mail.recipients == ["ops@a.test", "root@b.test"]
        assert mail.sender.startswith("root@")
        assert mail.mail["From"].startswith("Cron Daemon <root@")
    assert by_user.text == "nobody\n" and by_user.mail["Subject"].startswith("Cron <nobody@")
    assert by_root.text == "grün\n.\nTo: x\n" and by_root.mail["Subject"].startswith("Cron <root@")
