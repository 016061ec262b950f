"""The libraries that FlorApp is compared with, each by the way its own guide shows.

One module a library: ``one`` gives its ways from a file to probabilities, ``many`` those through a
list of files. They are run by processes of their own (child.py).
"""
