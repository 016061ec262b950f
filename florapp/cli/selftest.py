"""``florapp self-test``: is everything there, and does the model answer as where it was made?"""

from __future__ import annotations

import typer


def self_test() -> None:
    """Check the installation; the exit status is 1 when something is wrong."""
    from florapp import __version__
    from florapp.core.network import Network
    from florapp.core.paths import ASSETS, NEEDED, asset, shipped_model
    from florapp.core.selftest import TOLERANCE, check

    for name in NEEDED:
        asset(name)
    typer.echo(f"assets   {len(NEEDED)} found in {ASSETS}")
    network = Network(shipped_model())
    typer.echo(f"model    {network.card.title}, {len(network.card.labels)} classes")
    difference = check(network)
    typer.echo(f"answer   a probability differs by {difference:.4f} at most ({TOLERANCE} allowed)")
    typer.echo(f"florapp {__version__}: all is well")
