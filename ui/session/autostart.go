package session

// Autostart is the file by which desktops start a program with the session
// (freedesktop.org Desktop Application Autostart Specification); on Windows a
// value in the registry.
type Autostart struct {
	// Path is the file, or the value's name; see AutostartPath.
	Path string
	// Name and Comment are what the desktop's own settings show.
	Name, Comment string
	// Exec is the program, as an absolute path, and Args its arguments.
	Exec string
	Args []string
	// Icon is a name of the icon theme or a path; may be empty.
	Icon string
}

// Follow is for every start of the program: with on, it writes a file that is
// missing or names a binary that has moved since. A file that the user has
// switched off by the desktop's own settings stays off.
func (a Autostart) Follow(on bool) error {
	if !on || a.switchedOff() {
		return nil
	}
	return a.Set(true)
}
