package main

import (
	"os"
	"path/filepath"
	"testing"

	"nxphone/assets/text"
	"nxphone/audio"
	"nxphone/call/kiosk"
)

// TestKioskVoice: every prompt has words and a recording in every language, and
// an organisation's own recording goes before ours.
func TestKioskVoice(t *testing.T) {
	dir := t.TempDir()
	for _, l := range text.Langs() {
		words := text.For(l)
		for _, p := range kiosk.Prompts() {
			if key := "kiosk.say." + string(p); words.Text(key) == key {
				t.Errorf("%s: no words for %q", l, p)
			}
			if pcm, err := kioskVoice(dir, l, p); err != nil || len(pcm) < audio.Rate {
				t.Errorf("%s: %q has %d samples, %v", l, p, len(pcm), err)
			}
		}
	}
	file := filepath.Join(dir, "ko-welcome.wav")
	w, err := audio.CreateWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(make([]int16, 4800)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if pcm, err := kioskVoice(dir, text.Korean, kiosk.PromptWelcome); err != nil || len(pcm) != 4800 {
		t.Errorf("the organisation's recording has %d samples, %v", len(pcm), err)
	}
	if err := os.WriteFile(file, []byte("no sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	if pcm, err := kioskVoice(dir, text.Korean, kiosk.PromptWelcome); err == nil || len(pcm) < audio.Rate {
		t.Errorf("a broken recording: %d samples, %v", len(pcm), err)
	}
}
