#!/bin/sh
# A disk image with the program and a link to the folder for programs:
#   sh packaging/macos/dmg.sh FlorApp.app FlorApp-0.1.0.dmg
# The program is signed by nobody, but as whole: macOS runs no changed program on Apple's chips.
set -eu
application=${1:?the program}
image=${2:?the disk image}

# After the build, since the licences were laid in.
codesign --force --deep --sign - "$application"
codesign --verify --deep --strict "$application"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$application" "$folder/"
ln -s /Applications "$folder/Applications"
hdiutil create -quiet -ov -fs HFS+ -format UDZO -volname FlorApp -srcfolder "$folder" "$image"
hdiutil verify -quiet "$image"
