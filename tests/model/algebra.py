"""Sets of points of one side: an address under a mask of any shape, and a range of ports.

An end is a tuple (address, mask, lo, hi); address and mask are integers, and the address has no bit outside of the mask.
Nothing here knows how wide an address is: a mask is what it is.
"""

ANY_PORT = (0, 65535)
MAX_NODES = 400_000


class Undecided(Exception):
    """The question took more boxes than MAX_NODES."""


def overlap(one, other):
    return not (one[0] ^ other[0]) & one[1] & other[1] and one[2] <= other[3] and other[2] <= one[3]


def common(one, other):
    """The end that is in both, or None."""
    if not overlap(one, other):
        return None
    return (one[0] | other[0], one[1] | other[1], max(one[2], other[2]), min(one[3], other[3]))


def covers(one, other):
    return not one[1] & ~other[1] and not (one[0] ^ other[0]) & one[1] and one[2] <= other[2] and other[3] <= one[3]


def _split(box, by):
    """Two halves of the box, in one of which `by` is nearer to covering it or to missing it."""
    address, mask, lo, hi = box
    unfixed = by[1] & ~mask
    if unfixed:
        bit = 1 << (unfixed.bit_length() - 1)
        return (address, mask | bit, lo, hi), (address | bit, mask | bit, lo, hi)
    at = by[2] if by[2] > lo else by[3] + 1
    return (address, mask, lo, at - 1), (address, mask, at, hi)


def _distance(box, cover):
    return (cover[1] & ~box[1]).bit_count() + (cover[2] > box[2]) + (cover[3] < box[3])


def point_outside(box, taken):
    """A point (address, port) of the end `box` that none of `taken` has; None when together they cover it all."""
    stack = [(box, taken)]
    for _ in range(MAX_NODES):
        if not stack:
            return None
        box, candidates = stack.pop()
        touching = [end for end in candidates if overlap(box, end)]
        if not touching:
            return box[0], box[2]
        nearest = min(touching, key=lambda end: _distance(box, end))
        if _distance(box, nearest):
            stack.extend((half, touching) for half in _split(box, nearest))
    raise Undecided


def prefix_mask(length, width):
    return ((1 << length) - 1) << (width - length)


def is_prefix(mask, width):
    host = ~mask & ((1 << width) - 1)
    return not host & (host + 1)


def prefixes_of(first, last, width):
    """The range first to last as (address, mask) pairs: the fewest prefixes that are exactly it, ascending."""
    while first <= last:
        size = first & -first if first else 1 << width
        while first + size - 1 > last:
            size >>= 1
        yield first, ((1 << width) - 1) & ~(size - 1)
        first += size
