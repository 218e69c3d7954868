package codec_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"nxphone/audio"
	"nxphone/audio/codec"
)

// recordings are the files that the program itself has.
func recordings(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../assets/voice/*.opus")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d recordings, %v", len(files), err)
	}
	return files
}

// TestDecodeOgg reads every recording of a booth: it is as long as its last
// granule says, speaks in the middle, and is quiet at both ends.
func TestDecodeOgg(t *testing.T) {
	total := 0
	for _, name := range recordings(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		total += len(data)
		pcm, err := codec.DecodeOgg(data, 30*audio.Rate)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n := len(pcm); n < audio.Rate || n > 10*audio.Rate {
			t.Errorf("%s lasts %.1f s", name, float64(n)/audio.Rate)
		}
		if db := loudness(pcm); db < -26 || db > -14 {
			t.Errorf("%s has %.1f dBFS", name, db)
		}
		for _, end := range [][]int16{pcm[:audio.Rate/20], pcm[len(pcm)-audio.Rate/20:]} {
			if db := loudness(end); db > -45 {
				t.Errorf("%s begins or ends with %.1f dBFS", name, db)
			}
		}
		half, err := codec.DecodeOgg(data, audio.Rate/2)
		if err != nil || len(half) != audio.Rate/2 {
			t.Errorf("%s: half a second has %d samples, %v", name, len(half), err)
		}
	}
	if total > 400_000 {
		t.Errorf("the recordings have %d bytes", total)
	}
}

func loudness(pcm []int16) float64 {
	var sum float64
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return 10 * math.Log10(sum/float64(max(len(pcm), 1))/(1<<30)+1e-12)
}

// TestDecodeOggMalformed cuts a file at every length and turns every byte of
// its headers over: that is an error or sound, and never a panic.
func TestDecodeOggMalformed(t *testing.T) {
	data, err := os.ReadFile(recordings(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(data); n += max(n/40, 1) {
		if _, err := codec.DecodeOgg(data[:n], audio.Rate); err != nil && !errors.Is(err, codec.ErrOgg) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	for i := range min(len(data), 120) {
		bad := append([]byte(nil), data...)
		bad[i] ^= 0xff
		if _, err := codec.DecodeOgg(bad, audio.Rate/10); err != nil && !errors.Is(err, codec.ErrOgg) {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}
