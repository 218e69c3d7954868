//go:build unix

package profile

import (
	"io/fs"
	"syscall"
)

// untrusted says why a policy's file or folder is not an administrator's; ""
// where it is one. anchor is the owner of the folder of all policies, who can
// put anything there; root can anyway. Whoever else may write to it could give
// orders to this phone, and fix them against the user.
func untrusted(info fs.FileInfo, anchor uint32) string {
	if info.Mode().Perm()&0o022 != 0 {
		return "can be written by others than its owner"
	}
	if uid := owner(info); uid != 0 && uid != anchor {
		return "belongs to a user who may give no policies"
	}
	return ""
}

// owner is the user that a file belongs to.
func owner(info fs.FileInfo) uint32 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Uid
	}
	return 0
}
