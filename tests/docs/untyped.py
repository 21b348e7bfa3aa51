"""Blocks of shell that no test runs, each with the reason, which is printed: by page and first line. What they call of ours is parsed all the same."""

# Typed in the clean Debian tree of tests/packaging/test_package, and not on the machine of whoever runs the tests.
IN_TREE = {
    ("docs/tutorial.md", "apt-get update"): "installs the packages into the machine that it is typed on",
}

_SYSTEMD = "systemctl: systemd is no machine's first process here"
NOWHERE = {
    ("README.md", "./demo      # two gateways that know nothing of each other, real packets, real strongSwan, a capture of the middle link"):
        "the suite `demo`, and the command that runs this test",
    ("docs/performance.md", "./build && out/release/bin/tedbench all --runs 40          # as root; add --json for programs"): "hours; tedbench is no test",
    ("docs/running.md", "systemctl start strongswan"): _SYSTEMD,
    ("docs/tutorial.md", "chown _opented /etc/opented/psk"): _SYSTEMD + "; lab 48 runs tedd as that user",
    ("docs/tutorial.md", "systemctl disable --now tedd"): _SYSTEMD,
}
