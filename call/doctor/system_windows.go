package doctor

import "golang.org/x/sys/windows"

// synchronised: Windows sets its clock by a service whose state is no simple
// question.
func synchronised() (ok, known bool) { return false, false }

// free is what this user may write below dir.
func free(dir string) (uint64, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var left uint64
	err = windows.GetDiskFreeSpaceEx(path, &left, nil, nil)
	return left, err
}
