; The installer for Windows: for one user, without asking for an administrator.
;
;   makensis -WX -DVERSION=0.1.0 -DPAYLOAD=FOLDER -DICON=florapp.ico -DOUT=setup.exe florapp.nsi
;
; packaging/package.py calls it. "setup.exe /S" installs, "uninstall.exe /S" removes without a word.

Unicode true
!include MUI2.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include x64.nsh

!define PROGRAM "$INSTDIR\florapp-window.exe"
!define CLASSES "Software\Classes"
!define APPLICATION "${CLASSES}\Applications\florapp-window.exe"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\FlorApp"

Name "FlorApp"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\FlorApp"
RequestExecutionLevel user
SetCompressor /SOLID lzma
ShowInstDetails nevershow
ShowUninstDetails nevershow
BrandingText "FlorApp ${VERSION}"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "FlorApp"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "FlorApp, installer"
VIAddVersionKey "CompanyName" "The FlorApp authors"
VIAddVersionKey "LegalCopyright" "The FlorApp authors"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "${PROGRAM}"
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; What florapp/core/folders.py lists; a test compares the two.
!macro EachType DO
  !insertmacro ${DO} ".jpg"
  !insertmacro ${DO} ".jpeg"
  !insertmacro ${DO} ".jpe"
  !insertmacro ${DO} ".jfif"
  !insertmacro ${DO} ".png"
  !insertmacro ${DO} ".apng"
  !insertmacro ${DO} ".webp"
  !insertmacro ${DO} ".avif"
  !insertmacro ${DO} ".heic"
  !insertmacro ${DO} ".heif"
  !insertmacro ${DO} ".hif"
  !insertmacro ${DO} ".tif"
  !insertmacro ${DO} ".tiff"
  !insertmacro ${DO} ".bmp"
  !insertmacro ${DO} ".dib"
  !insertmacro ${DO} ".gif"
!macroend

; "Open with" offers FlorApp; what opens a picture by a double click stays as it is.
!macro Offer TYPE
  WriteRegStr HKCU "${APPLICATION}\SupportedTypes" "${TYPE}" ""
  WriteRegStr HKCU "${CLASSES}\${TYPE}\OpenWithProgids" "FlorApp.Picture" ""
!macroend

!macro Withdraw TYPE
  DeleteRegValue HKCU "${CLASSES}\${TYPE}\OpenWithProgids" "FlorApp.Picture"
!macroend

; Only what the installer has written: the folder may hold something of the user's by now.
!macro RemoveFiles
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\florapp.exe"
  Delete "$INSTDIR\florapp-window.exe"
  Delete "$INSTDIR\florapp.cdx.json"
  Delete "$INSTDIR\uninstall.exe"
!macroend

!macro TellTheShell
  System::Call "shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)"
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    MessageBox MB_ICONSTOP "FlorApp needs Windows 10 or 11 with 64 bits." /SD IDOK
    Abort
  ${EndIf}
FunctionEnd

Section "FlorApp"
  SetShellVarContext current
  !insertmacro RemoveFiles ; of an older version
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\FlorApp.lnk" "${PROGRAM}"

  WriteRegStr HKCU "${APPLICATION}" "FriendlyAppName" "FlorApp"
  WriteRegStr HKCU "${APPLICATION}\shell\open\command" "" '"${PROGRAM}" "%1"'
  WriteRegStr HKCU "${CLASSES}\FlorApp.Picture" "" "Picture"
  WriteRegStr HKCU "${CLASSES}\FlorApp.Picture\shell\open\command" "" '"${PROGRAM}" "%1"'
  !insertmacro EachType Offer

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "FlorApp"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "${PROGRAM}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The FlorApp authors"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  !insertmacro TellTheShell
SectionEnd

Section "Uninstall"
  SetShellVarContext current
  !insertmacro RemoveFiles
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\FlorApp.lnk"
  !insertmacro EachType Withdraw
  DeleteRegKey HKCU "${CLASSES}\FlorApp.Picture"
  DeleteRegKey HKCU "${APPLICATION}"
  DeleteRegKey HKCU "${UNINSTALL}"
  !insertmacro TellTheShell
SectionEnd
