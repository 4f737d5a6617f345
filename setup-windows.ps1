<#
.SYNOPSIS
    Installs what 8-cut needs on Windows: Python packages in .venv. Run it again at any time; it repairs what is broken.

.DESCRIPTION
    The same as setup_env.sh does elsewhere. Nothing is downloaded but Python packages: for Python, ffmpeg and libmpv it
    says which command to run, or which file to put where.

    EIGHTCUT_PYTHON   the Python (3.11-3.14) to build .venv with; otherwise the first good one the launcher knows
    EIGHTCUT_TORCH    cpu | default: which build of torch; otherwise chosen by the hardware

    Exit code: 0 ready, 1 not usable, 3 the Python half is ready, ffmpeg or libmpv is missing.

.PARAMETER IfNeeded
    Return at once when nothing changed since the last good run.
#>
param([switch]$IfNeeded)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3.0

$Root = $PSScriptRoot
$Venv = Join-Path $Root '.venv'
$Python = Join-Path $Venv 'Scripts\python.exe'
$Stamp = Join-Path $Venv '.8cut-ready'
$Marker = Join-Path $Venv '.8cut-installing'
$Libraries = Join-Path $env:LOCALAPPDATA '8-cut\bin'
$UvVersion = '0.13.8'
$Suitable = 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'

function Say([string]$Text) { Write-Host "8-cut: $Text" }

function Fail([string]$What, [string]$Why, [string]$Fix) {
    Write-Host "`n8-cut cannot be set up: $What`n  Why: $Why`n  Fix: $Fix"
    exit 1
}

# Whether a program can be started with these arguments and ends well; it prints nothing.
function Test-Command([string]$Program, [string[]]$Arguments) {
    $ErrorActionPreference = 'SilentlyContinue'
    try { & $Program @Arguments *> $null; return $LASTEXITCODE -eq 0 } catch { return $false }
}

# Everything that makes a set-up stale: the pins, this script, the Python behind .venv, and where .venv lies.
function Get-Fingerprint {
    $parts = @($Root, [string](& $Python -V))
    foreach ($file in 'requirements.txt', 'setup-windows.ps1') {
        $parts += (Get-FileHash -LiteralPath (Join-Path $Root $file)).Hash
    }
    return $parts -join '|'
}

function Find-Python {
    $candidates = @()
    if ($env:EIGHTCUT_PYTHON) { $candidates += , @($env:EIGHTCUT_PYTHON) }
    foreach ($version in '3.13', '3.12', '3.11', '3.14') { $candidates += , @('py', "-$version") }
    $candidates += , @('python')
    foreach ($candidate in $candidates) {
        $before = @($candidate | Select-Object -Skip 1)
        if (Test-Command $candidate[0] ($before + @('-c', $Suitable))) { return , $candidate }
    }
    Fail 'no Python between 3.11 and 3.14 was found' '8-cut and its libraries are built for these versions' `
        'winget install --id Python.Python.3.13 -e    (then open a new window and start again)'
}

# The default index holds CPU builds of torch for Windows; uv finds the CUDA build that fits the driver.
function Select-Torch {
    switch ($env:EIGHTCUT_TORCH) {
        'cpu' { return @('--torch-backend=cpu') }
        'default' { return @() }
    }
    if (Get-Command nvidia-smi -ErrorAction SilentlyContinue) { return @('--torch-backend=auto') }
    return @()
}

# Out-Host keeps what the programs print out of the function's result.
function Install-Packages([string[]]$Options) {
    $hasUv = (Test-Command $Python @('-m', 'uv', '--version')) -and
        ((& $Python -m uv --version) -match [regex]::Escape($UvVersion))
    if (-not $hasUv) { & $Python -m pip install --quiet --disable-pip-version-check "uv==$UvVersion" | Out-Host }
    $env:UV_SYSTEM_CERTS = 'true' # a company's own certificates are in the system's store
    & $Python -m uv pip install --python $Python @Options -r requirements.txt | Out-Host
    if ($LASTEXITCODE -eq 0) { return $true }
    Say 'uv did not get through; trying with pip'
    & $Python -m pip install --disable-pip-version-check -r requirements.txt | Out-Host
    return $LASTEXITCODE -eq 0
}

if ($IfNeeded -and (Test-Path -LiteralPath $Stamp) -and (Test-Path -LiteralPath $Python) -and
    ((Get-Content -LiteralPath $Stamp -Raw).Trim() -eq (Get-Fingerprint))) { exit 0 }

Push-Location -LiteralPath $Root
try {
    if (Test-Path -LiteralPath $Stamp) { Remove-Item -LiteralPath $Stamp }
    if (-not ((Test-Path -LiteralPath $Python) -and (Test-Command $Python @('-m', 'pip', '--version')))) {
        $found = Find-Python
        if (Test-Path -LiteralPath $Venv) {
            Say 'the environment in .venv is broken; building it anew'
            Remove-Item -LiteralPath $Venv -Recurse -Force
        }
        Say "making a Python environment in $Venv"
        $before = @($found | Select-Object -Skip 1)
        & $found[0] @before -m venv $Venv
        if ($LASTEXITCODE -ne 0) {
            Fail "no environment could be made in $Venv" 'see the message above' 'make the folder writable, then start again'
        }
    }

    $options = @(Select-Torch)
    if (Test-Path -LiteralPath $Marker) {
        Say 'the last set-up was interrupted; installing everything again'
        $options += '--reinstall'
    }
    New-Item -ItemType File -Force -Path $Marker | Out-Null
    Say 'installing Python packages (the first time this takes a while)'
    if (-not (Install-Packages $options)) {
        Fail 'the Python packages could not be installed' 'see the message above' `
            'check the network connection (and HTTPS_PROXY, if you use a proxy), then start again'
    }

    New-Item -ItemType Directory -Force -Path $Libraries | Out-Null
    $env:PATH = "$Libraries;$env:PATH"
    Say 'trying every library once'
    & $Python -m core.ops.verify_imports
    $verified = $LASTEXITCODE
    Remove-Item -LiteralPath $Marker
    if ($verified -eq 1) {
        Fail 'a library does not load' 'see the lines above' "delete the folder $Venv and start again"
    }

    $missing = $false
    if ($verified -eq 3) {
        $missing = $true
        Say 'libmpv is missing. Get a build of libmpv for Windows (https://mpv.io/installation lists who makes them;'
        Say 'the file is called mpv-dev-x86_64-....7z), and put libmpv-2.dll from it into this folder:'
        Say "    $Libraries"
    }
    foreach ($tool in 'ffmpeg', 'ffprobe') {
        if (-not (Get-Command $tool -ErrorAction SilentlyContinue)) {
            $missing = $true
            Say "$tool is missing. Run this, then open a new window:"
            Say '    winget install --id Gyan.FFmpeg -e'
            break
        }
    }
    if ($missing) { exit 3 }
    Set-Content -LiteralPath $Stamp -Value (Get-Fingerprint)
    Say 'ready'
}
finally { Pop-Location }
