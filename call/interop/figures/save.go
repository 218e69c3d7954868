package figures

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// Save writes a report into a folder, which is made: NAME.json for comparing runs,
// and NAME.md for people.
func Save(dir, name string, report any, markdown string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, name+".json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".md"), []byte(markdown), 0o644)
}
