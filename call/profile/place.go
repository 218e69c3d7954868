package profile

import "path/filepath"

// folderPlace is a folder of policies, as Linux has one.
func folderPlace(dir string) place {
	return place{
		pieces: func() []piece { return folderPieces(dir) },
		paths:  []string{dir, filepath.Join(dir, "managed"), filepath.Join(dir, "recommended")},
	}
}
