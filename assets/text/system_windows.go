package text

import "golang.org/x/sys/windows"

// preferred are the languages of the user's Windows, the first one first.
func preferred() []string {
	list, err := windows.GetUserPreferredUILanguages(windows.MUI_LANGUAGE_NAME)
	if err != nil {
		return nil
	}
	return list
}
