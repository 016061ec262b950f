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
    typer.echo(
        f"runs on  {network.runs_on}, {network.threads} threads. {network.remark}".rstrip(" .")
    )
    difference = check(network)
    typer.echo(f"answer   a probability differs by {difference:.4f} at most ({TOLERANCE} allowed)")
    _check_multimedia()
    typer.echo(f"florapp {__version__}: all is well")


def _check_multimedia() -> None:
    from florapp.core.errors import FlorAppError

    try:
        from PySide6.QtCore import QCoreApplication

        from florapp.services.multimedia import has_backend
    except ImportError as error:
        raise FlorAppError(
            "Qt, which the window is made of, cannot be loaded ({0}). Please install what is "
            "missing, or FlorApp again.",
            error,
        ) from error

    application = None if QCoreApplication.instance() else QCoreApplication([])
    found = has_backend()
    if application is not None:
        application.shutdown()
    if not found:
        raise FlorAppError(
            "The part of Qt that speaks to cameras could not be loaded. Please install FlorApp "
            "again; on Linux, also the packages libpulse0 and libxrandr2."
        )
    typer.echo("camera   Qt has what it needs to speak to cameras")
