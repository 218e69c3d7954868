package profile

import "os/user"

// systemPlace is where policies lie on this system.
func systemPlace() place {
	name := ""
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return preferencesPlace("/Library/Managed Preferences", "/Library/Preferences", name)
}
