"""Blocks with a place to type them that no test types, each with the reason. By page and first line."""

# These are typed in the clean Debian tree of tests/packaging/test_package and not on the machine of whoever runs the tests.
IN_TREE = {
    ("docs/tutorial.md", "apt-get update"): "installs the packages into the machine that it is typed on",
}

NOWHERE = {
    ("docs/tutorial.md", "chown _opented /etc/opented/psk"): "systemctl: systemd is no machine's first process here; lab 48 runs tedd as that user",
    ("docs/tutorial.md", "systemctl disable --now tedd"): "systemctl: systemd is no machine's first process here",
}
