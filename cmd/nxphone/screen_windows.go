package main

import (
	"strconv"

	"golang.org/x/sys/windows"
)

// screenName names the screen that this program shows its window on: a remote
// desktop of the same user is another one.
func screenName() string {
	var id uint32
	if err := windows.ProcessIdToSessionId(windows.GetCurrentProcessId(), &id); err != nil {
		return ""
	}
	return strconv.Itoa(int(id))
}
