<#
.SYNOPSIS
Blocks the keys that lead out of a booth; administrators keep them.

.DESCRIPTION
Run as an administrator; the computer starts again once for the feature (Enterprise,
Education, IoT Enterprise). -Remove gives the keys back. No key that the booth uses
(Enter, Tab, arrows, digits) is among them.

An example; not tried on a real Windows.
#>
param([switch]$Remove)
$ErrorActionPreference = 'Stop'

$namespace = 'root\standardcimv2\embedded'
$keys = 'Ctrl+Alt+Del', 'Ctrl+Shift+Esc', 'Ctrl+Esc', 'Alt+F4', 'Alt+Tab', 'Alt+Esc', 'Alt+Space',
    'Win+L', 'Win+R', 'Win+E', 'Win+D', 'Win+U', 'Win+Enter', 'Windows', 'Shift+Ctrl+Alt+Del', 'LaunchApp1', 'LaunchApp2', 'LaunchMail'

$feature = Enable-WindowsOptionalFeature -Online -FeatureName Client-KeyboardFilter -All -NoRestart
if ($feature.RestartNeeded) {
    Write-Output 'The keyboard filter is installed. Start the computer again, then run this once more.'
    exit 3010
}

function Set-Key([string]$id, [bool]$blocked) {
    $key = Get-CimInstance -Namespace $namespace -ClassName WEKF_PredefinedKey | Where-Object { $_.Id -eq $id }
    if ($null -eq $key) {
        Write-Warning "This Windows knows no key named $id."
        return
    }
    $key.Enabled = $blocked
    Set-CimInstance -CimInstance $key
}

foreach ($id in $keys) { Set-Key $id (-not $Remove) }

$setting = Get-CimInstance -Namespace $namespace -ClassName WEKF_Settings | Where-Object { $_.Name -eq 'DisableKeyboardFilterForAdministrators' }
$setting.Value = 'true'
Set-CimInstance -CimInstance $setting
