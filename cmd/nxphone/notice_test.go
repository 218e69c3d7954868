package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nxphone/audio"
)

func TestReadNotice(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, samples int) string {
		path := filepath.Join(dir, name)
		w, err := audio.CreateWAV(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(make([]int16, samples)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if pcm, err := readNotice(write("good.wav", 4800)); err != nil || len(pcm) != 4800 {
		t.Errorf("%d samples, %v", len(pcm), err)
	}
	if pcm, err := readNotice(write("long.wav", 70*audio.Rate)); err != nil || len(pcm) != noticeLimit {
		t.Errorf("%d samples, %v", len(pcm), err)
	}
	text := filepath.Join(dir, "text.wav")
	if err := os.WriteFile(text, []byte("no sound in here, only words"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{filepath.Join(dir, "missing.wav"), dir, text, write("empty.wav", 0)} {
		if _, err := readNotice(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
