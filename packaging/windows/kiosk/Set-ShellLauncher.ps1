<#
.SYNOPSIS
Puts ShellLauncher.xml, which lies beside this script, in force on this computer.

.DESCRIPTION
Run as SYSTEM, which alone may write this part of the configuration, for example by
    psexec.exe -i -s powershell.exe -File Set-ShellLauncher.ps1
-Remove takes it back. It counts at the account's next log-on. A device management
service sets the same by the policy AssignedAccess/ShellLauncher, without this script.

An example; not tried on a real Windows.
#>
param([switch]$Remove)
$ErrorActionPreference = 'Stop'

Enable-WindowsOptionalFeature -Online -FeatureName Client-EmbeddedShellLauncher -All -NoRestart | Out-Null

$bridge = Get-CimInstance -Namespace 'root\cimv2\mdm\dmmap' -ClassName 'MDM_AssignedAccess'
if ($Remove) {
    $bridge.ShellLauncher = $null
} else {
    $xml = Get-Content -Raw -Encoding UTF8 (Join-Path $PSScriptRoot 'ShellLauncher.xml')
    $bridge.ShellLauncher = [System.Net.WebUtility]::HtmlEncode($xml)
}
Set-CimInstance -CimInstance $bridge
