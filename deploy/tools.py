"""The programs that the proof needs, and Debian's packages that bring them."""

import os
import shutil

from deploy.process import CommandFailed, attempt, run

_PACKAGES = {
    "podman": ("podman", "runc", "netavark", "aardvark-dns", "iptables", "ca-certificates"),
    "docker-registry": ("docker-registry",),
    "mmdebstrap": ("mmdebstrap",),
}


def install_tools() -> list[str]:
    """Install with apt-get what is missing for the proof, and name it; nothing where Docker answers."""
    if shutil.which("docker") and attempt(["docker", "info"]).returncode == 0:
        return []
    missing = [program for program in _PACKAGES if shutil.which(program) is None]
    if not missing:
        return []
    packages = [package for program in missing for package in _PACKAGES[program]]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise CommandFailed(f"no Docker daemon answers here, so install these first: {' '.join(packages)}")
    run(["apt-get", "update", "-qq"])
    run(
        ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages],
        {"DEBIAN_FRONTEND": "noninteractive"},
    )
    return packages
