from __future__ import annotations

import json


def test_no_right_is_kept_and_none_can_be_got(printed, somebody):
    told = json.loads(
        printed("""
            import json, os
            from rlm_tui.repl.jail import rights
            rights.give_up_rights(become_nobody=True)
            status = dict(map(str.strip, l.split(":", 1)) for l in open("/proc/self/status"))
            capabilities = [int(status[f"Cap{name}"], 16) for name in ("Eff", "Prm", "Inh", "Amb")]
            print(json.dumps([capabilities, int(status["CapBnd"], 16), status["NoNewPrivs"],
                              os.getresuid(), os.getgroups()]))
        """)
    )
    capabilities, bounding, no_new, users, groups = told
    assert capabilities == [0, 0, 0, 0]
    assert no_new == "1"
    if somebody.uid == 0:
        assert (bounding, users, groups) == (0, [65534] * 3, [])
    else:
        assert users == [somebody.uid] * 3


def test_root_may_stay_root_without_its_rights(printed, somebody):
    """Where Python itself can be reached by root only."""
    out = printed("""
        import os
        from rlm_tui.repl.jail import rights
        rights.give_up_rights(become_nobody=False)
        try:
            os.setresuid(1, 1, 1)
        except PermissionError:
            print("refused", os.getuid())
    """)
    assert out == f"refused {somebody.uid}\n"


def test_memory_files_and_cores_are_bounded_for_good(printed):
    told = json.loads(
        printed("""
            import json, resource
            from rlm_tui.repl.jail import rights
            rights.limit_resources()
            try:
                bytes(rights.MEMORY + (1 << 20))
                room = "more"
            except MemoryError:
                room = len(bytes(rights.MEMORY // 2))
            rights.give_up_rights(become_nobody=True)
            soft, hard = resource.getrlimit(resource.RLIMIT_AS)
            try:
                resource.setrlimit(resource.RLIMIT_AS, (soft, resource.RLIM_INFINITY))
            except (ValueError, OSError):
                hard = 0
            names = ("CORE", "FSIZE", "NOFILE")
            limits = [resource.getrlimit(getattr(resource, f"RLIMIT_{n}")) for n in names]
            print(json.dumps([room, hard, limits, [rights.FILE_BYTES, rights.OPEN_FILES]]))
        """)
    )
    room, hard, limits, (file_bytes, open_files) = told
    assert (room, hard) == (2 << 30, 0)
    assert limits[0] == [0, 0]
    assert limits[1] == [file_bytes, file_bytes]
    assert limits[2][1] <= open_files


def test_memory_is_private_once_it_is_said(printed):
    out = printed("""
        import ctypes
        from rlm_tui.repl.jail import rights
        before = ctypes.CDLL(None).prctl(3)
        rights.keep_memory_private()
        print(before, ctypes.CDLL(None).prctl(3))
    """)
    assert out == "1 0\n"
