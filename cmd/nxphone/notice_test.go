package main

import (
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nxphone/audio"
	"nxphone/audio/tone"
	"nxphone/call"
	"nxphone/call/profile"
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

// tones writes a second of 48 kHz sound at so many Hz.
func tones(t *testing.T, path string, freq float64) string {
	t.Helper()
	pcm := make([]int16, audio.Rate)
	tone.NewGenerator(tone.Signal{Segments: []tone.Segment{{F1: freq, DB: -12, Dur: time.Second}}}).Fill(pcm)
	w, err := audio.CreateWAV(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(pcm), w.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLawfulEndingOnTheDemo: the setting's file comes back from the echo of the
// demo SBC, after a hold and its end that the SBC has agreed to, and the call
// ends by itself. A file that is wrong is said to be so.
func TestLawfulEndingOnTheDemo(t *testing.T) {
	dir := t.TempDir()
	record := filepath.Join(dir, "heard.wav")
	ph := openTestPhone(t, "--demo", "--record", record)
	setNotice := func(path string) {
		t.Helper()
		if err := ph.store.Set(func(s *profile.Settings) { s.NoticeFile = path }); err != nil {
			t.Fatal(err)
		}
	}
	next, stop := iter.Pull2(ph.engine.Watch(t.Context()))
	defer stop()
	dial := func() {
		t.Helper()
		if _, err := ph.engine.Dial(t.Context(), ph.request("600")); err != nil {
			t.Fatal(err)
		}
		until[call.MediaUp](t, next)
	}
	setNotice(filepath.Join(dir, "missing.wav"))
	dial()
	if err := ph.engine.Farewell(t.Context()); call.CodeOf(err) != call.CodeBadNotice {
		t.Errorf("a missing file: %v", err)
	}
	if err := ph.engine.Hangup(t.Context()); err != nil {
		t.Fatal(err)
	}
	until[call.Ended](t, next)

	setNotice(tones(t, filepath.Join(dir, "notice.wav"), 700))
	dial()
	for _, on := range []bool{true, false} {
		if err := ph.engine.Hold(t.Context(), on); err != nil {
			t.Fatalf("hold %v: %v", on, err)
		}
		until[call.HoldChanged](t, next)
	}
	if err := ph.engine.Farewell(t.Context()); err != nil {
		t.Fatal(err)
	}
	until[call.Ended](t, next)
	if r := ph.engine.Snapshot().Call.Reason; r.Code != call.CodeFarewell {
		t.Errorf("the call ended with %+v", r)
	}
	if err := ph.files.Close(); err != nil {
		t.Fatal(err)
	}
	heard, err := audio.ReadWAV(record, 60*audio.Rate)
	if err != nil {
		t.Fatal(err)
	}
	var got time.Duration
	for ; len(heard) >= 960; heard = heard[960:] {
		if tone.Presence(heard[:960], audio.Rate, 700) > 0.8 {
			got += 20 * time.Millisecond
		}
	}
	if got < 900*time.Millisecond || got > 1100*time.Millisecond {
		t.Errorf("%v of the second came back from the far end", got)
	}
}
