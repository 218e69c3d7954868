package main

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"

	"nxphone/audio"
	"nxphone/audio/device"
	"nxphone/audio/process"
	"nxphone/call/profile"
)

func TestTreatmentBySettings(t *testing.T) {
	all := process.Settings{HighPass: true, Echo: true, Noise: true, Gain: true, Limit: true, Ceiling: -6}
	both := ends{mic: true, speaker: true}
	plain := profile.Default()
	quiet := plain
	quiet.EchoCancellation, quiet.NoiseSuppression, quiet.AutomaticGain, quiet.LimiterCeiling = false, false, false, 0
	gain := quiet
	gain.AutomaticGain, gain.LimiterCeiling = true, 12
	for name, c := range map[string]struct {
		ends ends
		set  profile.Settings
		want process.Settings
	}{
		"as it comes":     {both, plain, all},
		"nothing":         {both, quiet, process.Settings{}},
		"gain, a low top": {both, gain, process.Settings{HighPass: true, Gain: true, Limit: true, Ceiling: -12}},
		"a recording":     {ends{speaker: true}, plain, process.Settings{Limit: true, Ceiling: -6}},
		"no speaker":      {ends{mic: true}, plain, process.Settings{HighPass: true, Noise: true, Gain: true, Ceiling: -6}},
		"no device":       {ends{}, plain, process.Settings{Ceiling: -6}},
	} {
		if got := c.ends.settings(c.set); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestTreatedEnds(t *testing.T) {
	for name, c := range map[string]struct {
		files  files
		choice device.Choice
		want   ends
	}{
		"devices":            {files{}, device.Choice{Microphone: "Desk"}, ends{true, true}},
		"none":               {files{}, device.Choice{Microphone: "null", Speaker: "null"}, ends{}},
		"none but a headset": {files{}, device.Choice{Microphone: "null", Speaker: "null", Microphones: []string{"Jabra"}}, ends{mic: true}},
		"files":              {files{play: new(audio.WAVReader), record: new(audio.Recorder)}, device.Choice{}, ends{}},
	} {
		if got := endsOf(&c.files, c.choice); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestTreatmentFollowsTheSettings: what is saved works in the call that is up.
func TestTreatmentFollowsTheSettings(t *testing.T) {
	store, err := profile.Open(profile.Options{Path: filepath.Join(t.TempDir(), "settings.json")})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		tr := &treatment{store: store}
		done := make(chan struct{})
		go func() { tr.follow(ctx); close(done) }()
		synctest.Wait()
		if tr.now() != nil {
			t.Error("there is a chain before any sound")
		}
		dev := tr.wrap(audio.Join(audio.NewNullInput(nil), audio.NewNullOutput(nil)), ends{mic: true, speaker: true})
		defer dev.Close()
		if s := tr.now().Settings(); !s.Echo || !s.Noise || !s.Gain || !s.Limit || s.Ceiling != -6 {
			t.Errorf("at first %+v", s)
		}
		if err := store.SetTexts(map[profile.Key]string{profile.KeyEcho: "false", profile.KeyCeiling: "12"}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if s := tr.now().Settings(); s.Echo || !s.Gain || s.Ceiling != -12 {
			t.Errorf("after a change %+v", s)
		}
		tr.none()
		if tr.now() != nil {
			t.Error("a chain is left for the next call, which opens its own sound")
		}
		cancel()
		<-done
	})
}
