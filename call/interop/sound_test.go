package interop

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWriteRaw(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.raw")
	if err := WriteRaw(file, []int16{1, -2, 0x1234}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || !slices.Equal(got, []byte{1, 0, 0xfe, 0xff, 0x34, 0x12}) {
		t.Errorf("% x, %v", got, err)
	}
}
