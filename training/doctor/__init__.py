"""The data doctor: what is wrong with labelled photographs, told before anything is trained."""
