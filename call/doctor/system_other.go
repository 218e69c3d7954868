//go:build !linux && !windows

package doctor

import "golang.org/x/sys/unix"

// synchronised: this system is not asked.
func synchronised() (ok, known bool) { return false, false }

// free is what an ordinary user may write below dir.
func free(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
