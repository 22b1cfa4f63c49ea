from __future__ import annotations

import errno
import os

import pytest

from rlm_tui.repl.jail import kernel
from rlm_tui.repl.jail.kernel import call, prctl

PR_GET_NAME = 16


def test_a_call_is_made_by_its_name():
    assert call("getpid") == os.getpid()


def test_bytes_are_passed_by_their_address(tmp_path):
    path = tmp_path / "folder"
    call("mkdirat", -100, os.fsencode(path), 0o700)
    assert path.is_dir()


def test_a_call_that_fails_is_an_error_with_its_name_and_cause():
    with pytest.raises(OSError, match="umount2: No such file") as raised:
        call("umount2", b"/there is no such folder", 0)
    assert raised.value.errno in {errno.ENOENT, errno.EPERM}


def test_a_call_that_is_in_no_table_is_a_mistake():
    with pytest.raises(KeyError):
        call("reboot")


def test_a_machine_whose_numbers_are_not_known_has_no_calls(monkeypatch):
    monkeypatch.setattr(kernel, "_MACHINE", None)
    with pytest.raises(OSError, match="getpid: the number") as raised:
        call("getpid")
    assert raised.value.errno == errno.ENOSYS


def test_a_property_that_does_not_exist_is_an_error():
    with pytest.raises(OSError, match="prctl: Invalid argument"):
        prctl(2**20)
