"""Whether the machine was quiet enough for what was measured on it."""

_BUSY = 0.25
"""A spread between rounds that a quiet machine does not show."""


def warned(found: str, spread: float) -> str:
    """The sentence *found*, which tells *spread*, and a warning where that is too much.

    >>> warned("Rates differed by 40%", 0.4)
    'Rates differed by 40%: **the machine was busy with something else; measure again.**'
    """
    if spread > _BUSY:
        return f"{found}: **the machine was busy with something else; measure again.**"
    return f"{found}."
