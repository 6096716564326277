"""When a certificate holds, and when it does not."""

from dataclasses import replace

import pytest

from credit.errors import CertificateRefused
from runners.certificate import Certificate

HOLDS = Certificate(
    rows=100_000, max_difference=1e-12, flips=0, threshold=0.5, batch_sizes=(1_000, 1), seed=1,
    model_sha256="a", onnx_sha256="b", schema_sha256=None, worst_row=(), versions={},
)  # fmt: skip


@pytest.mark.parametrize("output", ["probability", "probabilities", "value"])
def test_it_holds_at_the_promise_itself(output: str) -> None:
    certificate = replace(HOLDS, output=output)

    certificate.require("a", "b", None)

    assert certificate.holds


@pytest.mark.parametrize("output", ["probability", "probabilities", "value"])
@pytest.mark.parametrize(
    "broken",
    [{"rows": 99_999}, {"max_difference": 1.1e-12}, {"max_difference": -1.0}, {"flips": 1}, {"unsteady": 1}],
)
def test_it_does_not_hold_with_less(broken: dict[str, int], output: str) -> None:
    certificate = replace(HOLDS, output=output, **broken)

    with pytest.raises(CertificateRefused, match="does not hold"):
        certificate.require("a", "b", None)
    assert not certificate.holds


@pytest.mark.parametrize("hashes", [("x", "b", None), ("a", "x", None), ("a", "b", "x")])
def test_it_speaks_of_no_other_files(hashes: tuple[str, str, str | None]) -> None:
    with pytest.raises(CertificateRefused, match="speaks of other files"):
        HOLDS.require(*hashes)
