package peer

import (
	"regexp"
	"strings"
	"testing"

	"nxphone/call"
)

// Ways to rewrite an answer, line by line.

func without(prefixes ...string) func(string) string {
	return func(sdp string) string {
		var keep []string
	lines:
		for line := range strings.Lines(sdp) {
			for _, p := range prefixes {
				if strings.HasPrefix(line, p) {
					continue lines
				}
			}
			keep = append(keep, line)
		}
		return strings.Join(keep, "")
	}
}

func replace(pairs ...string) func(string) string {
	return strings.NewReplacer(pairs...).Replace
}

func rewrite(pattern, with string) func(string) string {
	re := regexp.MustCompile("(?m)" + pattern)
	return func(sdp string) string { return re.ReplaceAllString(sdp, with) }
}

func both(fs ...func(string) string) func(string) string {
	return func(sdp string) string {
		for _, f := range fs {
			sdp = f(sdp)
		}
		return sdp
	}
}

// afterFirst puts lines behind the first one with this prefix.
func afterFirst(prefix, lines string) func(string) string {
	return rewrite(`\A((?s:.*?)^`+prefix+`.*\r\n)`, "${1}"+lines)
}

// toSession moves a section's attributes with this prefix up to the session.
func toSession(prefixes ...string) func(string) string {
	return func(sdp string) string {
		var moved, rest string
	lines:
		for line := range strings.Lines(sdp) {
			for _, p := range prefixes {
				if strings.HasPrefix(line, p) {
					moved += line
					continue lines
				}
			}
			rest += line
		}
		return strings.Replace(rest, "m=audio", moved+"m=audio", 1)
	}
}

// TestAnswers takes the answers of SBCs, PBXs and browsers as they are and as
// they might be: sound must go both ways with every one.
func TestAnswers(t *testing.T) {
	g711 := []string{"pcmu"}
	for _, c := range []struct {
		name  string
		edit  func(string) string // nil leaves it as it is
		far   farOptions
		codec string // "" is opus
	}{
		{name: "as is"},
		{name: "no mid and no BUNDLE", edit: without("a=mid", "a=group")},
		{name: "BUNDLE without mid", edit: without("a=mid")},
		{name: "mid without BUNDLE", edit: without("a=group")},
		{name: "another mid", edit: replace("a=mid:0", "a=mid:audio", "BUNDLE 0", "BUNDLE audio")},
		{name: "no ssrc", edit: without("a=ssrc", "a=msid")},
		{name: "another ssrc", edit: rewrite(`^a=ssrc:\d+`, "a=ssrc:4711")},
		{name: "no rtcp-mux", edit: without("a=rtcp-mux", "a=rtcp-rsize")},
		{name: "ICE-lite", far: farOptions{lite: true}},
		{name: "ICE-lite at the section", far: farOptions{lite: true}, edit: both(
			without("a=ice-lite"), afterFirst("m=audio", "a=ice-lite\r\n"))},
		{name: "setup active"},
		{name: "setup passive", far: farOptions{passive: true}},
		{name: "no setup, they begin", edit: without("a=setup")},
		{name: "no setup, we begin", edit: without("a=setup"), far: farOptions{passive: true}},
		{name: "setup actpass", edit: rewrite(`^a=setup:\w+`, "a=setup:actpass")},
		{name: "setup holdconn", edit: rewrite(`^a=setup:\w+`, "a=setup:holdconn"), far: farOptions{passive: true}},
		{name: "setup in upper case", edit: rewrite(`^a=setup:\w+`, "a=setup:ACTIVE")},
		{name: "RTP/SAVPF", edit: replace("UDP/TLS/RTP/SAVPF", "RTP/SAVPF")},
		{name: "UDP/TLS/RTP/SAVP", edit: replace("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP")},
		{name: "RTP/AVP", edit: replace("UDP/TLS/RTP/SAVPF", "RTP/AVP")},
		{name: "ICE and fingerprint at the session", edit: toSession("a=ice-", "a=fingerprint", "a=setup")},
		{name: "candidates at the session", edit: toSession("a=candidate")},
		{name: "fingerprint in lower case", edit: func(s string) string {
			return regexp.MustCompile(`(?m)^a=fingerprint:.*$`).ReplaceAllStringFunc(s, strings.ToLower)
		}},
		{name: "hash name in upper case", edit: replace("sha-256", "SHA-256")},
		{name: "an unknown fingerprint first", edit: afterFirst("m=audio", "a=fingerprint:sha-999 AA:BB\r\n")},
		{name: "another certificate's fingerprint first", edit: afterFirst("m=audio",
			"a=fingerprint:sha-256 "+strings.Repeat("AB:", 31)+"AB\r\n")},
		{name: "only component 2", edit: both(rewrite(`^a=candidate:(\S+) 2 .*\r\n`, ""), rewrite(`^a=candidate:(\S+) 1 `, "a=candidate:$1 2 "))},
		{name: "a name for a candidate, beside a good one", edit: afterFirst("m=audio",
			"a=candidate:1 1 udp 2130706431 sbc.example.invalid 5000 typ host\r\n")},
		{name: "an mDNS candidate, beside a good one", edit: afterFirst("m=audio",
			"a=candidate:1 1 udp 2130706431 0b5e9a3c-0000-4000-8000-000000000000.local 5000 typ host\r\n")},
		{name: "a TCP candidate, beside a good one", edit: afterFirst("m=audio",
			"a=candidate:1 1 tcp 2130706431 127.0.0.1 9 typ host tcptype active\r\n")},
		{name: "malformed candidates, beside a good one", edit: afterFirst("m=audio",
			"a=candidate:1 1 udp\r\na=candidate:\r\na=candidate:1 1 udp x 127.0.0.1 y typ host\r\na=candidate:1 1 UDP 5 127.0.0.1 70000 typ host\r\na=candidate:1 1 udp 99 127.0.0.1 1000 typ wormhole\r\n")},
		{name: "candidates in capitals", edit: func(s string) string {
			return regexp.MustCompile(`(?m)^a=candidate:.*$`).ReplaceAllStringFunc(s, func(l string) string {
				return strings.NewReplacer(" udp ", " UDP ", " typ ", " TYP ", " host", " HOST").Replace(l)
			})
		}},
		{name: "no candidate at all", edit: without("a=candidate", "a=end-of")},
		{name: "a refused video section behind", edit: func(s string) string { return s + "m=video 0 RTP/AVP 96\r\n" }},
		{name: "a refused video section in front", edit: replace("m=audio", "m=video 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\nm=audio")},
		{name: "a refused second audio section", edit: func(s string) string { return s + "m=audio 0 RTP/AVP 0\r\na=inactive\r\n" }},
		{name: "no s= and no t=", edit: without("s=", "t=")},
		{name: "an empty s=", edit: rewrite(`^s=.*\r\n`, "s=\r\n")},
		{name: "a short o=", edit: rewrite(`^o=.*\r\n`, "o=- 0\r\n")},
		{name: "no v=, no o=", edit: without("v=", "o=")},
		{name: "LF line ends", edit: replace("\r\n", "\n")},
		{name: "CR line ends", edit: replace("\r\n", "\r")},
		{name: "blanks at the ends", edit: replace("\r\n", " \t\r\n")},
		{name: "no line end at the end", edit: func(s string) string { return strings.TrimSpace(s) }},
		{name: "lower case", edit: lowered},
		{name: "names in capitals", edit: replace("opus/48000/2", "OPUS/48000/2")},
		{name: "opus without its channels", edit: replace("opus/48000/2", "opus/48000")},
		{name: "opus without rtpmap", edit: without("a=rtpmap:111")},
		{name: "opus without fmtp", edit: without("a=fmtp")},
		{name: "PCMU alone", far: farOptions{codecs: g711}, codec: "pcmu"},
		{name: "PCMU without rtpmap", far: farOptions{codecs: g711}, edit: without("a=rtpmap:0 "), codec: "pcmu"},
		{name: "no rtpmap at all", far: farOptions{codecs: g711}, edit: without("a=rtpmap"), codec: "pcmu"},
		{name: "pcmu in lower case", far: farOptions{codecs: g711}, edit: replace("PCMU/8000", "pcmu/8000"), codec: "pcmu"},
		{name: "PCMU/8000/1", far: farOptions{codecs: g711}, edit: replace("PCMU/8000", "PCMU/8000/1"), codec: "pcmu"},
		{name: "PCMA alone", far: farOptions{codecs: []string{"pcma"}}, codec: "pcma"},
		{name: "formats that we never offered in front", edit: rewrite(`^(m=audio \d+ \S+) `, "$1 9 18 99 "), far: farOptions{codecs: g711}, codec: "pcmu"},
		{name: "ptime and maxptime", edit: func(s string) string { return s + "a=ptime:20\r\na=maxptime:150\r\n" }},
		{name: "attributes of the future", edit: func(s string) string {
			return s + "a=cryptex\r\na=extmap-allow-mixed\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\na=\r\nz=0 0\r\nq\r\n=\r\n"
		}},
		{name: "a rejoined session direction", edit: both(without("a=sendrecv"), afterFirst("t=", "a=sendrecv\r\n"))},
		{name: "no direction", edit: without("a=sendrecv")},
		{name: "a long one", edit: func(s string) string {
			return s + strings.Repeat("a=x-vendor:0123456789012345678901234567890123456789\r\n", 800)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.codec == "" {
				c.codec = "opus"
			}
			r := newRig(t, Settings{})
			c.far.freq = theirTone
			far := newFarEnd(t, c.far)
			answer := far.answer(r.offer())
			if c.edit != nil {
				edited := c.edit(answer)
				if edited == answer {
					t.Fatalf("nothing was rewritten in\n%s", answer)
				}
				answer = edited
			}
			r.s.Answer(answer, false)
			if got := await[call.MediaStarted](r, nil).Codec; got != c.codec {
				t.Errorf("codec %q, want %q", got, c.codec)
			}
			r.hears(theirTone)
			far.hears(ourTone)
		})
	}
}

// lowered puts everything into lower case but what is a secret or a name.
func lowered(s string) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		if strings.HasPrefix(line, "a=ice-ufrag") || strings.HasPrefix(line, "a=ice-pwd") {
			out.WriteString(line)
		} else {
			out.WriteString(strings.ToLower(line))
		}
	}
	return out.String()
}

// TestUselessAnswers: what nobody can talk to ends the call, with a code and a
// sentence.
func TestUselessAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		edit   func(string) string
		code   call.Code
		phrase string
	}{
		{"audio refused", rewrite(`^m=audio \d+`, "m=audio 0"), call.CodeNotAcceptable, "refused"},
		{"no audio section", rewrite(`^m=audio`, "m=video"), call.CodeNotAcceptable, "no audio"},
		{"no section", func(s string) string { return strings.Split(s, "m=")[0] }, call.CodeNotAcceptable, "not a session"},
		{"garbage", func(string) string { return "\x00\xff 200 OK" }, call.CodeNotAcceptable, "not a session"},
		{"SDES only", both(without("a=fingerprint", "a=setup"),
			func(s string) string { return s + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n" }), call.CodeNotAcceptable, "fingerprint"},
		{"no fingerprint", without("a=fingerprint"), call.CodeNotAcceptable, "fingerprint"},
		{"no ICE", without("a=ice-", "a=candidate"), call.CodeNotAcceptable, "ICE"},
		{"only codecs that we do not have", rewrite(`^(m=audio \d+ \S+) .*\r\n`, "$1 9 18\r\n"), call.CodeNotAcceptable, "codec"},
		{"only telephone-event", rewrite(`^(m=audio \d+ \S+) .*\r\n`, "$1 126\r\n"), call.CodeNotAcceptable, "codec"},
		{"a port that is none", rewrite(`^m=audio \d+`, "m=audio 123456"), call.CodeNotAcceptable, "refused"},
		{"another certificate", rewrite(`^a=fingerprint:\S+ .*\r\n`, "a=fingerprint:sha-256 "+strings.Repeat("AB:", 31)+"AB\r\n"), call.CodeMedia, "fingerprint"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Settings{})
			far := newFarEnd(t, farOptions{freq: theirTone})
			r.s.Answer(c.edit(far.answer(r.offer())), false)
			got := await[call.MediaFailed](r, nil).Reason
			if got.Code != c.code || !strings.Contains(got.Phrase, c.phrase) {
				t.Errorf("got %+v, want %s with %q", got, c.code, c.phrase)
			}
		})
	}
}

// TestUselessEarlyAnswer: a provisional that nobody can use is no reason to
// end the call; the 200 may do better.
func TestUselessEarlyAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	far := newFarEnd(t, farOptions{freq: theirTone})
	answer := far.answer(r.offer())
	r.s.Answer(without("a=fingerprint")(answer), true)
	r.s.Answer(answer, false)
	r.hears(theirTone)
	far.hears(ourTone)
}

// TestAnswerDirection: an answer that does not want our voice does not get it.
func TestAnswerDirection(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(string) string
	}{
		{"inactive", rewrite(`^a=sendrecv`, "a=inactive")},
		{"sendonly", rewrite(`^a=sendrecv`, "a=sendonly")},
		{"sendonly at the session", both(without("a=sendrecv"), afterFirst("t=", "a=sendonly\r\n"))},
		{"an address of zeroes", rewrite(`^m=audio \d+`, "m=audio 40000")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, Settings{})
			far := newFarEnd(t, farOptions{freq: theirTone})
			r.s.Answer(c.edit(far.answer(r.offer())), false)
			if !await[call.HoldAnswered](r, nil).Held {
				t.Error("the hold was not told")
			}
			r.hears(theirTone) // pion does not care and sends
			await[call.StatsMeasured](r, nil)
			if n := far.samples(); n > 0 {
				t.Errorf("the far end got %d samples that it did not want", n)
			}
		})
	}
}

// TestSSRCChange: music on hold and transfers come under another SSRC, with
// other numbers.
func TestSSRCChange(t *testing.T) {
	t.Parallel()
	r := newRig(t, Settings{})
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(without("a=ssrc", "a=msid")(far.answer(r.offer())), false)
	r.hears(theirTone)
	for i, freq := range []float64{600, 1800, theirTone} {
		far.mic.moveTo(uint32(1000+i), freq)
		r.hears(freq)
	}
	far.hears(ourTone)
}
