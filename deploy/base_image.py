"""The image that ours starts from."""

import yaml

from deploy.debian_image import ensure_image
from deploy.engine import Engine
from deploy.process import ROOT

_PACKAGES = ("python3", "python3-venv", "ca-certificates", "libstdc++6")
_LIKE_THE_OFFICIAL_ONE = 'rm "$1"/usr/lib/python3*/EXTERNALLY-MANAGED; ln -s python3 "$1"/usr/bin/python'


def base_reference() -> str:
    """The base image that bentofile.yaml names."""
    return str(yaml.safe_load((ROOT / "bentofile.yaml").read_text())["docker"]["base_image"])


def ensure_base(engine: Engine) -> str:
    """Have the base image in *engine*; says how it came there."""
    return ensure_image(engine, base_reference(), _PACKAGES, _LIKE_THE_OFFICIAL_ONE)
