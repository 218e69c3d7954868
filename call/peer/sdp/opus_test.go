package sdp

import (
	"testing"
	"time"
)

func TestOpusParams(t *testing.T) {
	for fmtp, want := range map[string]OpusParams{
		"":                             {},
		"minptime=10;useinbandfec=1":   {FEC: true, MinPTime: 10 * time.Millisecond},
		"useinbandfec=0":               {},
		"usedtx=1; stereo=1":           {},
		"USEDTX=0;cbr=1":               {NoDTX: true, CBR: true},
		"maxaveragebitrate=20000 ; x":  {MaxAverageBitrate: 20000},
		"maxaveragebitrate=5":          {},
		"maxaveragebitrate=9999999999": {},
		"maxplaybackrate=16000":        {MaxPlaybackRate: 16000},
		"maxplaybackrate=1":            {},
		"minptime=NaN;minptime":        {},
		"=;;=1;useinbandfec=one":       {},
	} {
		if got := (Codec{Fmtp: fmtp}).Opus(); got != want {
			t.Errorf("%q: %+v", fmtp, got)
		}
	}
}

func TestPtime(t *testing.T) {
	text := "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n" +
		"a=ice-ufrag:a\r\na=ice-pwd:b\r\na=fingerprint:sha-256 AA\r\n"
	for attrs, want := range map[string][2]time.Duration{
		"":                                 {},
		"a=ptime:20\r\n":                   {20 * time.Millisecond, 0},
		"a=ptime:40\r\na=maxptime:60\r\n":  {40 * time.Millisecond, 60 * time.Millisecond},
		"a=ptime:0\r\na=maxptime:9999\r\n": {},
	} {
		s, err := Parse(text + attrs)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Remote()
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]time.Duration{r.PTime, r.MaxPTime}; got != want {
			t.Errorf("%q: %v", attrs, got)
		}
	}
}

// red is RED around number pt.
func red(pt uint8, fmtp string) Codec {
	return Codec{PT: pt, Name: RED, Rate: 48000, Channels: 2, Fmtp: fmtp}
}

func TestChooseRED(t *testing.T) {
	opus := func(pt uint8) Codec { return Codec{PT: pt, Name: Opus, Rate: 48000, Channels: 2} }
	pcma := Codec{PT: 8, Name: PCMA, Rate: 8000}
	ours := []Codec{opus(111), red(63, "111/111"), pcma}
	for name, c := range map[string]struct {
		ours, theirs []Codec
		voice, red   uint8
	}{
		"both":                  {ours, []Codec{opus(111), red(63, "111/111")}, 111, 63},
		"first in the answer":   {ours, []Codec{red(63, "111/111"), opus(111)}, 111, 63},
		"their numbers":         {ours, []Codec{opus(96), red(97, "96/96/96")}, 96, 97},
		"no fmtp":               {ours, []Codec{opus(111), red(63, "")}, 111, 63},
		"around something else": {ours, []Codec{opus(111), red(63, "111/8")}, 111, 0},
		"nonsense":              {ours, []Codec{opus(111), red(63, "a/b")}, 111, 0},
		"they cannot":           {ours, []Codec{opus(111)}, 111, 0},
		"we do not":             {[]Codec{opus(111)}, []Codec{opus(111), red(63, "111/111")}, 111, 0},
		"another clock":         {ours, []Codec{pcma, opus(111), red(63, "111/111")}, 8, 0},
	} {
		got, err := Choose(c.ours, Remote{Codecs: c.theirs})
		if err != nil || got.Voice.PT != c.voice || got.RED.PT != c.red {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := Choose(ours, Remote{Codecs: []Codec{red(63, "111/111")}}); err != ErrNoCodec {
		t.Errorf("nothing but RED: %v", err)
	}
}

func TestAnswerNamesREDByItsNumber(t *testing.T) {
	l := Local{Codecs: []Codec{{PT: 111, Name: Opus, Rate: 48000, Channels: 2}, red(63, "111/111")}}
	for name, c := range map[string]struct {
		theirs []Codec
		want   string
	}{
		"theirs":  {[]Codec{{PT: 96, Name: Opus, Rate: 48000}, red(97, "96/96")}, "96/96"},
		"no opus": {[]Codec{red(97, "96/96")}, ""},
	} {
		got := ""
		for _, k := range l.Answer(&Session{Sections: make([]Section, 1)}, Remote{Codecs: c.theirs}).Codecs {
			if k.Name == RED {
				got = k.Fmtp
			}
		}
		if got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
