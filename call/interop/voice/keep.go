package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"nxphone/audio"
)

// keepSound writes a recording, and its spectrogram beside it, for an ear and an
// eye.
func keepSound(ctx context.Context, file string, pcm []int16) error {
	if err := saveWAV(file, pcm); err != nil {
		return err
	}
	picture := strings.TrimSuffix(file, ".wav") + "-spectrogram.png"
	// 8 kHz is where speech ends, and 90 dB below full scale where hearing does.
	out, err := exec.CommandContext(ctx, "sox", file, "-n", "rate", "16k", "spectrogram", "-x", "1200", "-y", "257", "-z", "90", "-o", picture).CombinedOutput()
	if err != nil {
		return fmt.Errorf("sox: %w: %s", err, out)
	}
	return nil
}

// saveWAV writes a recording.
func saveWAV(file string, pcm []int16) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	w, err := audio.CreateWAV(file)
	if err != nil {
		return err
	}
	if err := w.Write(pcm); err != nil {
		w.Close()
		return err
	}
	return w.Close()
}
