package policy

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// update writes the generated files anew.
var update = flag.Bool("update", false, "write the generated files of this folder")

// TestFiles: the files of this folder are what the table of settings makes.
func TestFiles(t *testing.T) {
	for name, make := range map[string]func() ([]byte, error){
		"schema.json":                                Schema,
		"windows/nxphone.admx":                       ADMX,
		"windows/en-US/nxphone.adml":                 func() ([]byte, error) { return ADML(english()) },
		"windows/ko-KR/nxphone.adml":                 func() ([]byte, error) { return ADML(korean()) },
		"macos/org.nxphone.softphone.manifest.plist": Manifest,
		"macos/org.nxphone.softphone.plist":          Preferences,
	} {
		want, err := make()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if *update {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is not what the table of settings makes; go test ./packaging/policy -update", name)
		}
	}
}
