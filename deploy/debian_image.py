"""Images made of Debian's packages, for machines that reach Debian but no registry of images."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.engine import Engine
from deploy.process import CommandFailed, run

SUITE = "bookworm"
_SETUP = (
    # Debian prefers usrmerge, which brings all of Perl; the hook below has merged /usr already.
    'mkdir -p "$1/etc/apt/preferences.d"; printf "Package: usrmerge\\nPin: release *\\nPin-Priority: -1\\n" '
    '> "$1/etc/apt/preferences.d/merged"'
)
_FINISH = 'rm -rf "$1"/var/cache/* "$1"/etc/apt/preferences.d/merged'
_WITHOUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


def ensure_image(
    engine: Engine, reference: str, packages: Sequence[str], hook: str, changes: Sequence[str] = ()
) -> str:
    """Have the image *reference* in *engine*, pulled, or else made of *packages*; says which.

    *hook* is a shell command that finishes the folder `$1`; *changes* are instructions of a Dockerfile.
    """
    if engine.attempt("image", "inspect", reference).returncode == 0:
        return "there already"
    if engine.attempt("pull", "--quiet", reference).returncode == 0:
        return "pulled"
    if not (shutil.which("mmdebstrap") and os.geteuid() == 0):
        raise CommandFailed(
            f"{reference} can neither be pulled nor made here: let the engine reach its registry, "
            "or be root and install mmdebstrap (apt-get install mmdebstrap)"
        )
    with TemporaryDirectory() as folder:
        archive = Path(folder) / "root.tar"
        _unpack(packages, hook, archive)
        engine.run("import", *(f"--change={change}" for change in changes), str(archive), reference)
    return f"made of packages of Debian {SUITE}"


def _unpack(packages: Sequence[str], hook: str, archive: Path) -> None:
    command = [
        *("mmdebstrap", "--quiet", "--variant=essential", f"--include={','.join(packages)}"),
        *("--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", f"--setup-hook={_SETUP}"),
        *(f"--dpkgopt=path-exclude={path}" for path in _WITHOUT),
        *(f"--customize-hook={each}" for each in (_FINISH, hook)),
        *(SUITE, str(archive)),
    ]
    # Unpacking thousands of small files is much faster in memory.
    memory = Path("/dev/shm")  # noqa: S108  # mmdebstrap makes its own folder there
    run(command, {"TMPDIR": str(memory)} if memory.is_dir() else None)
