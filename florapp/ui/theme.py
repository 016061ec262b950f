"""How the program looks: a light and a dark palette, one accent colour, a small style sheet."""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QFont, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from florapp.services.settings import ColourScheme

_Role = QPalette.ColorRole

# PlaceholderText is for quiet words, BrightText for faults, Accent for what is to catch the eye.
_LIGHT = {
    _Role.Window: "#f4f5f2",
    _Role.WindowText: "#1c231f",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#e9ece7",
    _Role.Text: "#1c231f",
    _Role.PlaceholderText: "#59645d",
    _Role.Button: "#ffffff",
    _Role.ButtonText: "#1c231f",
    _Role.BrightText: "#a8261d",
    _Role.Highlight: "#2c7a4b",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#2c7a4b",
    _Role.Link: "#2c7a4b",
    _Role.LinkVisited: "#2c7a4b",
    _Role.ToolTipBase: "#1c231f",
    _Role.ToolTipText: "#f4f5f2",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#e9ece7",
    _Role.Mid: "#cdd3cd",
    _Role.Dark: "#a3aca5",
    _Role.Shadow: "#6d776f",
}
_DARK = {
    _Role.Window: "#1b1f1d",
    _Role.WindowText: "#e7ebe8",
    _Role.Base: "#131614",
    _Role.AlternateBase: "#2a302c",
    _Role.Text: "#e7ebe8",
    _Role.PlaceholderText: "#a2aea6",
    _Role.Button: "#2a302c",
    _Role.ButtonText: "#e7ebe8",
    _Role.BrightText: "#ffb0a6",
    _Role.Highlight: "#7ccb9b",
    _Role.HighlightedText: "#0d1f15",
    _Role.Accent: "#7ccb9b",
    _Role.Link: "#7ccb9b",
    _Role.LinkVisited: "#7ccb9b",
    _Role.ToolTipBase: "#e7ebe8",
    _Role.ToolTipText: "#1b1f1d",
    _Role.Light: "#3a423d",
    _Role.Midlight: "#2f3632",
    _Role.Mid: "#3e4741",
    _Role.Dark: "#5a655e",
    _Role.Shadow: "#050605",
}
_DISABLED = {"light": "#9aa39d", "dark": "#69746d"}
_HALF = 128  # of a colour's lightness
_TEXTS = (_Role.WindowText, _Role.Text, _Role.ButtonText)

_STYLE = """
QToolBar { border: 0; background: palette(window); spacing: 2px; padding: 4px 6px; }
QToolBar::separator { background: palette(mid); width: 1px; margin: 6px 6px; }
QMenuBar { background: palette(window); padding: 2px 4px; }
QMenuBar::item {
  padding: 3px 8px; border: 1px solid transparent; border-radius: 5px; background: transparent;
}
QMenuBar::item:selected { background: palette(mid); border-color: palette(highlight); }
QSplitter::handle { background: palette(window); }
QStatusBar { background: palette(window); }
QStatusBar::item { border: 0; }

QToolButton { border: 2px solid transparent; border-radius: 7px; padding: 4px; }
QToolButton:hover, QToolButton:checked { background: palette(alternate-base); }
QToolButton:pressed { background: palette(mid); }
#qt_toolbar_ext_button { border: 0; padding: 0; }
QToolButton:checked { border-color: palette(highlight); }
QToolButton:focus { border-color: palette(text); }

QPushButton {
  border: 1px solid palette(dark); border-radius: 7px; padding: 6px 15px;
  background: palette(button); color: palette(button-text);
}
QPushButton:hover { background: palette(alternate-base); }
QPushButton:pressed { background: palette(mid); }
QPushButton:disabled { color: palette(dark); border-color: palette(mid); }
QPushButton:default, QPushButton[primary="true"] {
  background: palette(highlight); border-color: palette(highlight);
  color: palette(highlighted-text); font-weight: 600;
}
QPushButton:focus { border: 2px solid palette(text); padding: 5px 14px; }

QMenu { background: palette(window); border: 1px solid palette(mid); padding: 4px; }
QMenu::item { padding: 4px 23px 4px 9px; border: 1px solid transparent; border-radius: 5px; }
QMenu::item:selected { background: palette(mid); border-color: palette(highlight); }
QMenu::item:disabled { color: palette(dark); }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: palette(mid); margin: 4px 8px; }
QToolTip {
  background: palette(tool-tip-base); color: palette(tool-tip-text);
  border: 0; padding: 4px 6px;
}

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }

QSlider { min-height: 18px; }
QSlider::groove { height: 4px; border-radius: 2px; background: palette(dark); }
QSlider::sub-page { border-radius: 2px; background: palette(highlight); }
QSlider::handle {
  width: 14px; margin: -7px 0; border: 2px solid palette(window); border-radius: 9px;
  background: palette(highlight);
}
QSlider::handle:focus { border-color: palette(text); }

QProgressBar { border: 0; border-radius: 3px; background: palette(mid); max-height: 6px; }
QProgressBar::chunk { border-radius: 3px; background: palette(highlight); }

#answerScroll { border: 2px solid transparent; border-radius: 6px; }
#answerScroll:focus { border-color: palette(highlight); }

QScrollBar { background: transparent; border: 0; margin: 0; }
QScrollBar:horizontal { height: 12px; }
QScrollBar:vertical { width: 12px; }
QScrollBar::handle { background: palette(dark); border-radius: 3px; margin: 3px; }
QScrollBar::handle:hover { background: palette(shadow); }
QScrollBar::handle:horizontal { min-width: 36px; }
QScrollBar::handle:vertical { min-height: 36px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""


class Look(QObject):
    """What an application looks like: light, dark, or as the system has it from time to time."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app, self._scheme = app, ColourScheme.SYSTEM
        # By its palette: PySide makes the whole of Qt's namespace to answer in one word of it.
        self._system_is_dark = app.palette().color(_Role.Window).lightness() < _HALF
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def wear(self, scheme: ColourScheme) -> None:
        """Look like ``scheme`` from now on."""
        if scheme is not self._scheme:
            self._scheme, hints = scheme, self._app.styleHints()
            asked = {ColourScheme.LIGHT: "Light", ColourScheme.DARK: "Dark"}.get(scheme, "Unknown")
            # So the window's frame agrees, where the system draws one.
            hints.setProperty("colorScheme", asked)
            if scheme is ColourScheme.SYSTEM:
                self._heed(hints.colorScheme())
        self._dress()

    def _follow(self, system: QtCore.Qt.ColorScheme) -> None:
        if self._scheme is ColourScheme.SYSTEM:
            self._heed(system)
            self._dress()

    def _heed(self, system: QtCore.Qt.ColorScheme) -> None:
        if system != QtCore.Qt.ColorScheme.Unknown:
            self._system_is_dark = system == QtCore.Qt.ColorScheme.Dark

    def _dress(self) -> None:
        system = self._scheme is ColourScheme.SYSTEM
        dark = self._system_is_dark if system else self._scheme is ColourScheme.DARK
        self._app.setPalette(palette(dark=dark))
        self._app.setStyleSheet(_STYLE)  # again each time: it takes its colours from the palette


def palette(*, dark: bool) -> QPalette:
    """Return the colours of the light or the dark look."""
    result = QPalette()
    for role, colour in (_DARK if dark else _LIGHT).items():
        result.setColor(role, QColor(colour))
    for role in _TEXTS:
        faint = QColor(_DISABLED["dark" if dark else "light"])
        result.setColor(QPalette.ColorGroup.Disabled, role, faint)
    return result


def mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """Mix ``share`` (0 to 1) of ``colour`` into ``ground``: a tint of it."""
    pairs = zip(colour.getRgbF()[:3], ground.getRgbF()[:3], strict=True)  # type: ignore[index]
    return QColor.fromRgbF(*(share * a + (1 - share) * b for a, b in pairs))


def paint_banner(widget: QWidget, colour: QColor) -> None:
    """Paint the ground of what is to be noticed: a tint of ``colour``, and on the left a bar."""
    painter = QPainter(widget)
    painter.fillRect(widget.rect(), mixed(colour, widget.palette().window().color(), 0.12))
    painter.fillRect(0, 0, 4, widget.height(), colour)


def font(
    base: QFont, size: float, weight: QFont.Weight = QFont.Weight.Normal, *, italic: bool = False
) -> QFont:
    """Return ``base`` at ``size`` times its size."""
    result = QFont(base)
    if base.pixelSize() > 0:
        result.setPixelSize(round(base.pixelSize() * size))
    else:
        result.setPointSizeF(base.pointSizeF() * size)
    result.setWeight(weight)
    result.setItalic(italic)
    return result
