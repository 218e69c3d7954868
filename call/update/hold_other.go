//go:build !unix

package update

import "os"

// hold has nothing to take: Windows does not remove a file that somebody has open.
func hold(*os.File) bool { return true }
