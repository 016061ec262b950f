"""What the model in use says of itself."""

from __future__ import annotations

from html import escape

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from florapp.core.model_file import Card


class CardDialog(QDialog):
    """The model card: figures, provenance, licence, and the classes it knows."""

    def __init__(self, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(card.title)
        self.resize(620, 640)
        text = QTextBrowser(self)
        text.setAccessibleName(self.tr("About this model"))
        text.setHtml(self._html(card))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addWidget(buttons)

    def _html(self, card: Card) -> str:
        figures = "".join(
            f"<tr><td>{escape(name.replace('_', ' '))}&nbsp;&nbsp;</td>"
            f"<td>{_figure(value)}</td></tr>"
            for name, value in card.figures.items()
        )
        labels = "".join(
            f"<tr><td>{escape(label.name)}&nbsp;&nbsp;</td>"
            f"<td><i>{escape(label.scientific_name)}</i>&nbsp;&nbsp;</td>"
            f"<td>{escape(label.family)}</td></tr>"
            for label in sorted(card.labels, key=lambda label: label.name.casefold())
        )
        measured = self.tr("Measured on photographs that it was not trained with")
        origin, terms = self.tr("Where it comes from"), self.tr("Terms")
        known = self.tr("It knows these {0} classes, and nothing else").format(len(card.labels))
        return (
            f"<h2>{escape(card.title)}</h2>"
            f"<h3>{measured}</h3><table>{figures}</table>"
            f"<h3>{origin}</h3><p>{escape(card.provenance)}</p>"
            f"<h3>{terms}</h3><p>{escape(card.licence)}</p>"
            f"<h3>{known}</h3><table>{labels}</table>"
        )


def _figure(value: object) -> str:
    if isinstance(value, dict) and all(
        isinstance(value.get(k), int | float) for k in ("value", "low", "high")
    ):
        low, high = value["low"] * 100, value["high"] * 100
        return f"{value['value']:.1%} ({low:.1f} – {high:.1f})"
    if isinstance(value, dict):
        return escape(", ".join(f"{k} {v}" for k, v in value.items()))
    return escape(f"{value:.4g}" if isinstance(value, float) else str(value))
