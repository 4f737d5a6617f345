@echo off
rem Starts 8-cut on Windows. The first start sets everything up in .venv beside this file.
setlocal
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0setup-windows.ps1" -IfNeeded 1>&2
rem 3: the Python half is fine and only ffmpeg or libmpv is missing; the program says itself what it lacks.
if %ERRORLEVEL% NEQ 0 if %ERRORLEVEL% NEQ 3 exit /b %ERRORLEVEL%
rem libmpv-2.dll is looked for here.
set "PATH=%LOCALAPPDATA%\8-cut\bin;%PATH%"
"%~dp0.venv\Scripts\python.exe" "%~dp0main.py" %*
exit /b %ERRORLEVEL%
