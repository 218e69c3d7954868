package interop

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// startGroup makes a group that ends with the test.
func startGroup(t *testing.T) *Group {
	t.Helper()
	g, err := NewGroup(filepath.Join(t.TempDir(), "logs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Stop)
	return g
}

func startDesktop(t *testing.T, g *Group) *Desktop {
	t.Helper()
	d, err := StartDesktop(within(t, 2*time.Minute), g, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	t.Cleanup(g.Stop) // before Close
	return d
}

// readRaw reads 16-bit samples without a header.
func readRaw(t *testing.T, file string) []int16 {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // not yet written
		t.Fatal(err)
	}
	pcm := make([]int16, len(b)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return pcm
}

// TestDesktop plays a signal into the virtual microphone, hears it at the
// source that phones use, and nothing of it at the virtual speaker.
func TestDesktop(t *testing.T) {
	g := startGroup(t)
	d := startDesktop(t, g)
	ctx := within(t, 2*time.Minute)
	if _, err := d.Xdotool(ctx, "getdisplaygeometry"); err != nil {
		t.Error(err)
	}
	dir := t.TempDir()
	mic, speaker, file := filepath.Join(dir, "mic"), filepath.Join(dir, "speaker"), filepath.Join(dir, "signal")
	if err := MicSignal().WriteRaw(file, 48000, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Start(Spec{Name: "source", Path: d.programs["parec"], Env: d.Env, MayEnd: true,
		Args: []string{"--record", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=20", mic}}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Listen("listen", speaker); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Speak("speak", file); err != nil {
		t.Fatal(err)
	}
	err := WaitFor(ctx, "the signal at the microphone", func() (bool, error) {
		pcm := readRaw(t, mic)
		r := MicSignal().Check(pcm, 48000)
		return r.OK() && r.Span > 2*time.Second, nil
	})
	if err != nil {
		t.Errorf("%v%s", err, MicSignal().Timeline(readRaw(t, mic), 48000))
	}
	if r := MicSignal().Check(readRaw(t, speaker), 48000); r.Heard || r.Length < time.Second {
		t.Errorf("at the speaker: %+v", r)
	}
}
