package interop

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nxphone/audio/tone"
)

// pathDesk is a desk with everything real: a screen, a sound card whose
// microphone has MicSignal, and the lab's SBC and PBX.
type pathDesk struct {
	lab     *Lab
	desktop *Desktop
	heard   string // what the speaker has played, raw
}

// pathWindow is the window in one of the main paths.
type pathWindow struct {
	*realWindow
	desk  *pathDesk
	dn    string
	home  string
	calls int
}

// open starts the window of a user who has these settings, and ends it in order
// with the test.
func (p *pathDesk) open(t *testing.T, settings string, args ...string) *pathWindow {
	t.Helper()
	w := &pathWindow{desk: p, home: t.TempDir(), dn: fmt.Sprint(2000 + lastDN.Add(1))}
	if settings != "" {
		settings = fmt.Sprintf(`{"realm": %q, "dn": %q, "url": %q, %s}`, p.lab.Realm, w.dn, p.lab.URL("wss"), settings)
		if err := os.MkdirAll(filepath.Dir(w.file("config", "settings.json")), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(w.file("config", "settings.json"), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	user := *p.desktop
	user.Env = slices.Clone(p.desktop.Env)
	for _, v := range Home(w.home) {
		if strings.HasPrefix(v, "HOME=") || strings.HasPrefix(v, "XDG_") {
			user.Env = append(user.Env, v)
		}
	}
	ctx := within(t, 2*time.Minute)
	w.realWindow = openWindow(t, ctx, startGroup(t), &user, append(args, "--ca", p.lab.CA, "--web-api=false", "--lang", "ko")...)
	t.Cleanup(func() {
		if t.Failed() {
			shot, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			file := filepath.Join(p.lab.Dir, strings.ReplaceAll(t.Name(), "/", "-")+".png") // kept with the logs
			t.Logf("the screen is in %s: %v", filepath.Base(file), p.desktop.Screenshot(shot, "root", file))
		}
	})
	return w
}

// file is one of the user's.
func (w *pathWindow) file(kind, name string) string {
	return filepath.Join(w.home, kind, "nxphone", name)
}

// leave closes the window, with which the phone ends.
func (w *pathWindow) leave() {
	w.t.Helper()
	w.keys("alt+F4")
	if status, err := w.Wait(w.ctx); status != 0 || err != nil {
		w.t.Errorf("after closing the window: exit status %d, %v", status, err)
	}
}

// typed types text into what has the focus.
func (w *pathWindow) typed(text string) {
	w.t.Helper()
	if _, err := w.desktop.Xdotool(w.ctx, "type", "--delay", "15", text); err != nil {
		w.t.Fatal(err)
	}
}

// call types a number and calls it; it returns the call's id when it is up.
func (w *pathWindow) call(number string) string {
	w.t.Helper()
	w.typed(number)
	w.keys("Return")
	return w.up(number)
}

// up waits for the answer of a call that is placed.
func (w *pathWindow) up(number string) string {
	w.t.Helper()
	call := w.sees(number, "the ACK", isRequest("ACK"))
	return call[0].CallID()
}

// sees waits for a message of the call.
func (w *pathWindow) sees(number, what string, cond func(Message) bool) []Message {
	w.t.Helper()
	call, err := w.desk.lab.Trace.Wait(w.ctx, w.dn, number, what, cond)
	if err != nil {
		w.t.Fatal(err)
	}
	return call
}

// hangUp presses Escape twice.
func (w *pathWindow) hangUp(number string) {
	w.t.Helper()
	w.keys("Escape", "Escape")
	w.sees(number, "the BYE", func(m Message) bool { return m.Received && m.WebSocket() && m.Method() == "BYE" })
}

// hear lets so much sound go by at the speaker and tells the time.
func (w *pathWindow) hear(d time.Duration) time.Time {
	w.t.Helper()
	hear(w.t, w.ctx, w.desk.heard, d)
	return time.Now()
}

// size is the window's.
func (w *pathWindow) size() image.Point {
	w.t.Helper()
	out, err := w.desktop.Xdotool(w.ctx, "getwindowgeometry", "--shell", w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	var p image.Point
	for line := range strings.Lines(out) {
		fmt.Sscanf(line, "WIDTH=%d", &p.X)
		fmt.Sscanf(line, "HEIGHT=%d", &p.Y)
	}
	return p
}

// span is a part of a call and whether the far end is to hear us in it.
type span struct {
	what     string
	from, to time.Time
	heard    bool
}

// sent checks what the PBX was sent, part by part.
func (w *pathWindow) sent(id string, parts ...span) []Packet {
	w.t.Helper()
	rec, err := w.desk.lab.Relay.Recording(w.ctx, id)
	if err != nil {
		w.t.Fatal(err)
	}
	// The sound card, the encoder and the key itself take their time.
	const settle = 400 * time.Millisecond
	sent := w.desk.lab.FromPhone(rec)
	for _, p := range parts {
		pcm := DecodeG711(Between(sent, p.from.Add(settle), p.to))
		r := MicSignal().Check(pcm, 8000)
		if p.heard && (!r.Heard || r.Span < 600*time.Millisecond) || !p.heard && (r.Heard || r.Unclear > 0 || r.Length < time.Second) {
			w.t.Errorf("%s the PBX was sent %+v%s", p.what, r, MicSignal().Timeline(pcm, 8000))
		}
	}
	return sent
}

// region cuts a part out of a picture, for a comparison.
func region(img image.Image, r image.Rectangle) []byte {
	var b bytes.Buffer
	at := img.Bounds().Min
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			red, green, blue, _ := img.At(at.X+x, at.Y+y).RGBA()
			b.Write([]byte{byte(red >> 8), byte(green >> 8), byte(blue >> 8)})
		}
	}
	return b.Bytes()
}

// greenish counts the points of a region that are green, as a good verdict is.
func greenish(img image.Image, r image.Rectangle) (n int) {
	all := region(img, r)
	for i := 0; i+2 < len(all); i += 3 {
		if red, green, blue := int(all[i]), int(all[i+1]), int(all[i+2]); green > red+30 && green > blue+15 {
			n++
		}
	}
	return n
}

// bluish counts the points that have the colour of what can be done.
func bluish(img image.Image, r image.Rectangle) (n int) {
	all := region(img, r)
	for i := 0; i+2 < len(all); i += 3 {
		if int(all[i+2]) > int(all[i])+60 {
			n++
		}
	}
	return n
}

// TestPaths are the main paths of a counsellor's day in the real window, by
// keyboard where there is a key, each with its effect looked for at the far end
// or on the disk. (A call by mouse and closing in a call: TestWindow.)
func TestPaths(t *testing.T) {
	l := Start(t, Config{Agents: []string{"answer", "echo"}, RingFor: 100 * time.Millisecond})
	p := &pathDesk{lab: l, desktop: startDesktop(t, startGroup(t)), heard: filepath.Join(t.TempDir(), "heard")}
	said := filepath.Join(t.TempDir(), "said")
	if err := MicSignal().WriteRaw(said, 48000, 4*time.Minute); err != nil {
		t.Fatal(err)
	}
	speak, err := p.desktop.Speak("speak", said)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.desktop.Listen("listen", p.heard); err != nil {
		t.Fatal(err)
	}
	for _, path := range []struct {
		name string
		walk func(*testing.T, *pathDesk)
	}{
		{"a call by keys", pathKeys}, {"compact", pathCompact}, {"recent calls", pathRecent},
		{"settings", pathSettings}, {"first run", pathFirst}, {"lawful ending", pathFarewell},
	} {
		t.Run(path.name, func(t *testing.T) { path.walk(t, p) })
	}
	speak.Kill()
	t.Run("check", func(t *testing.T) { pathCheck(t, p) })
}

// pathKeys mutes, holds, and sends tones in a call, all by keys.
func pathKeys(t *testing.T, p *pathDesk) {
	reserve(t, p.lab)
	w := p.open(t, `"recent-calls": "off"`)
	id := w.call(NumberBaresip)
	up := time.Now()
	talked := w.hear(1500 * time.Millisecond)
	w.keys("ctrl+m")
	muted := time.Now()
	unmuting := w.hear(1800 * time.Millisecond)
	w.keys("ctrl+m")
	unmuted := time.Now()
	holding := w.hear(1500 * time.Millisecond)
	w.keys("ctrl+p")
	direction := func(d string) func(Message) bool {
		return func(m Message) bool {
			n, of := m.CSeq()
			return !m.Received && m.WebSocket() && m.Status() == 200 && of == "INVITE" && n > 1 && m.Direction() == d
		}
	}
	w.sees(NumberBaresip, "the hold's answer", direction("recvonly"))
	held := time.Now()
	quiet := len(readRaw(t, p.heard))
	resuming := w.hear(1800 * time.Millisecond)
	silence := readRaw(t, p.heard)[quiet:]
	w.keys("ctrl+p")
	w.sees(NumberBaresip, "the resume's answer", direction("sendrecv"))
	resumed := time.Now()
	toning := w.hear(1500 * time.Millisecond)
	w.keys("1", "5", "9")
	if err := WaitFor(w.ctx, "the tones at the PBX", func() (bool, error) { return p.lab.Baresip.Digits(id) == "159", nil }); err != nil {
		t.Errorf("%v; baresip recognised %q", err, p.lab.Baresip.Digits(id))
	}
	w.hangUp(NumberBaresip)
	if _, err := p.lab.Baresip.Wait(w.ctx, id, "CALL_CLOSED"); err != nil {
		t.Error(err)
	}
	w.sent(id, span{"before the mute", up, talked, true}, span{"muted", muted, unmuting, false},
		span{"after the mute", unmuted, holding, true}, span{"held", held, resuming, false}, span{"resumed", resumed, toning, true})
	if r := PBXSignal().Check(Part(silence, 48000, 400*time.Millisecond, time.Hour), 48000); r.Heard {
		t.Errorf("the user heard the far end while it was held%s", PBXSignal().Timeline(silence, 48000))
	}
	w.leave()
}

// pathCompact makes the window a strip and back, and mutes in it by the mouse:
// the microphone's button is the strip's left end.
func pathCompact(t *testing.T, p *pathDesk) {
	reserve(t, p.lab)
	w := p.open(t, `"window-size": "phone"`)
	before := w.size()
	id := w.call(NumberBaresip)
	w.keys("ctrl+3")
	w.await("the strip", func() bool { s := w.size(); return s.Y < before.Y/4 })
	mute := image.Pt(w.size().Y/2, w.size().Y/2)
	open := w.look()
	w.click(mute)
	muted := time.Now()
	w.await("another colour of the strip", func() bool {
		edge := image.Rect(mute.X*3, mute.Y, mute.X*3+1, mute.Y+1)
		return !bytes.Equal(region(open, edge), region(w.look(), edge))
	})
	unmuting := w.hear(2 * time.Second)
	w.keys("ctrl+m")
	unmuted := time.Now()
	growing := w.hear(1500 * time.Millisecond)
	w.keys("ctrl+1")
	w.await("two columns", func() bool { s := w.size(); return s.Y == before.Y && s.X > before.X*3/2 })
	w.keys("ctrl+2")
	w.await("one column", func() bool { return w.size() == before })
	w.hangUp(NumberBaresip)
	if _, err := p.lab.Baresip.Wait(w.ctx, id, "CALL_CLOSED"); err != nil {
		t.Error(err)
	}
	w.sent(id, span{"muted in the strip", muted, unmuting, false}, span{"after that", unmuted, growing, true})
	w.leave()
}

// pathRecent calls somebody out of the list of recent calls.
func pathRecent(t *testing.T, p *pathDesk) {
	w := p.open(t, `"recent-calls": "7"`)
	first := w.call(NumberAnswer)
	w.hangUp(NumberAnswer)
	list := w.file("state", "recent-calls.json")
	if err := WaitFor(w.ctx, "the call in the list", func() (bool, error) {
		data, err := os.ReadFile(list)
		return err == nil && bytes.Contains(data, []byte(NumberAnswer)), nil
	}); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(list); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the list's file: %v, %v", st.Mode(), err)
	}
	w.keys("ctrl+l", "Tab", "space") // the newest call is the first
	w.keys("Return")
	if err := WaitFor(w.ctx, "another call", func() (bool, error) {
		call, err := p.lab.Trace.Call(w.dn, NumberAnswer)
		return err == nil && len(call) > 0 && call[0].CallID() != first && slices.ContainsFunc(call, isRequest("ACK")), nil
	}); err != nil {
		t.Fatal(err)
	}
	w.hangUp(NumberAnswer)
	w.leave()
}

// pathSettings changes a setting by keys; it stands in the file afterwards, and
// nothing else has changed.
func pathSettings(t *testing.T, p *pathDesk) {
	w := p.open(t, `"mute-sound": true`)
	w.keys("ctrl+comma", "Tab", "Tab", "Tab", "space") // into the second section, sound
	// Out, back, three devices, a headset's name and its button, three switches of
	// what is done to the voice, the protection of the ears.
	w.keys(slices.Repeat([]string{"Tab"}, 12)...)
	w.keys("space")                                     // the mute's sound
	w.keys(slices.Repeat([]string{"shift+Tab"}, 12)...) // round to the last, which saves
	w.keys("space")
	if err := WaitFor(w.ctx, "the saved setting", func() (bool, error) {
		data, err := os.ReadFile(w.file("config", "settings.json"))
		return err == nil && bytes.Contains(data, []byte(`"mute-sound": false`)) && bytes.Contains(data, []byte(w.dn)), nil
	}); err != nil {
		data, _ := os.ReadFile(w.file("config", "settings.json"))
		t.Fatalf("%v\n%s", err, data)
	}
	w.keys("Escape", "Escape")
	w.leave()
}

// pathFirst is the first start: nothing is set, and at the end of three steps a
// test call has gone through.
func pathFirst(t *testing.T, p *pathDesk) {
	w := p.open(t, "")
	w.typed(p.lab.Realm) // the keyboard begins in the first field
	w.keys("Tab")
	w.typed(w.dn)
	w.keys("Tab")
	w.typed(p.lab.URL("wss"))
	w.keys("Tab", "Tab", "space") // past the password, on
	settings := func(want string) {
		t.Helper()
		if err := WaitFor(w.ctx, want+" in the file", func() (bool, error) {
			data, err := os.ReadFile(w.file("config", "settings.json"))
			return err == nil && bytes.Contains(data, []byte(want)), nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	settings(p.lab.URL("wss"))
	second := w.look()
	w.keys("space") // the keyboard is on the way on
	w.await("the third step", func() bool {
		now, all := w.look(), second.Bounds()
		middle := image.Rect(all.Dx()/4, all.Dy()/5, all.Dx()*3/4, all.Dy()/2)
		return !bytes.Equal(region(second, middle), region(now, middle))
	})
	w.typed(NumberEcho) // there is no number yet, and the keyboard is in its field
	w.keys("shift+Tab", "space")
	w.up(NumberEcho)
	settings(`"echo-number"`)
	w.keys("Escape") // the steps are done
	w.hangUp(NumberEcho)
	w.leave()
}

// pathFarewell ends a call lawfully: the far end hears the notice and not the
// microphone, then the call is over, it is noted, and the counsellor rests.
func pathFarewell(t *testing.T, p *pathDesk) {
	reserve(t, p.lab)
	notice := filepath.Join(t.TempDir(), "notice.wav")
	if err := noticeSignal().WriteWAV(notice, 48000, 2*time.Second); err != nil {
		t.Fatal(err)
	}
	w := p.open(t, fmt.Sprintf(`"notice-file": %q, "after-call": true, "rest-minutes": 5`, notice))
	strip := func() []byte { return region(w.look(), image.Rect(20, 50, w.size().X/2, 90)) }
	w.await("the window", func() bool { return len(strip()) > 0 })
	ready := strip()

	id := w.call(NumberBaresip)
	up := time.Now()
	began := w.hear(1500 * time.Millisecond)
	w.keys("ctrl+e")
	w.sees(NumberBaresip, "the BYE", func(m Message) bool { return m.Received && m.WebSocket() && m.Method() == "BYE" })
	over := time.Now()
	sent := w.sent(id, span{"before the notice", up, began, true})
	pcm := DecodeG711(Between(sent, began, over))
	want := noticeSignal()
	if got := toneOf(pcm, want); got < 1700*time.Millisecond {
		t.Errorf("the far end heard %v of a notice of 2 s%s", got, want.Timeline(pcm, 8000))
	}
	if err := WaitFor(w.ctx, "the note of the ending", func() (bool, error) {
		data, err := os.ReadFile(w.file("state", "lawful-endings.jsonl"))
		return err == nil && bytes.Count(data, []byte("\n")) == 1 && !bytes.Contains(data, []byte(NumberBaresip)), nil
	}); err != nil {
		t.Error(err)
	}
	w.await("the rest in the window", func() bool { return !bytes.Equal(strip(), ready) })
	rest := strip()

	// An ordinary end leads into the time after a call.
	w.keys("Escape", "Delete")
	w.call(NumberAnswer)
	w.hangUp(NumberAnswer)
	w.await("the time after the call", func() bool { now := strip(); return !bytes.Equal(now, rest) && !bytes.Equal(now, ready) })
	w.leave()
}

// toneOf is how much of a recording is one of a signal's two tones, in steps of
// 20 ms.
func toneOf(pcm []int16, s Signal) time.Duration {
	other := PBXSignal()
	return tone.Check(pcm, 8000, s.F1, s.F2, other.F1, other.F2).Span
}

// speechLike is what a person says for the check: syllables of a buzzing voice
// with pauses, over a quiet room.
func speechLike(length time.Duration) []byte {
	const rate = 48000
	rnd := rand.New(rand.NewPCG(1, 2))
	var b []byte
	for i := range samples(length, rate) {
		at := float64(i) / rate
		x := (rnd.Float64() - 0.5) * 20
		if syllable := math.Mod(at, 0.35); syllable < 0.22 && math.Mod(at, 2.8) < 2.1 {
			for k := 1; k <= 12; k++ {
				x += 9000 / float64(k) * math.Sin(math.Pi*syllable/0.22) * math.Sin(2*math.Pi*140*float64(k)*at) / 2
			}
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(x)))
	}
	return b
}

// pathCheck does the check before the shift, once with a voice and once with a
// microphone that gives nothing: the verdicts differ, and both times the line
// was tried by a call that the check has ended itself.
func pathCheck(t *testing.T, p *pathDesk) {
	w := p.open(t, fmt.Sprintf(`"echo-number": %q`, NumberEcho))
	said := filepath.Join(t.TempDir(), "voice")
	if err := os.WriteFile(said, speechLike(60*time.Second), 0o600); err != nil {
		t.Fatal(err)
	}
	voice, err := p.desktop.Speak("voice", said)
	if err != nil {
		t.Fatal(err)
	}
	w.keys("ctrl+t", "shift+Tab", "space")
	good := w.checked("")
	voice.Kill()
	w.keys("Escape", "ctrl+t", "shift+Tab", "space") // once more
	bad := w.checked(good.id)
	if good.green < 100 || bad.green >= good.green {
		t.Errorf("%d green points with a voice, %d without", good.green, bad.green)
	}
	w.keys("Escape")
	w.leave()
}

// checkRun is what a check has come to: its call, and how much of the page is
// green.
type checkRun struct {
	id    string
	green int
}

// checked waits for the end of a check whose call is not the one before.
func (w *pathWindow) checked(before string) (r checkRun) {
	w.t.Helper()
	began := time.Now()
	if err := WaitFor(w.ctx, "the end of the check's call", func() (bool, error) {
		call, err := w.desk.lab.Trace.Call(w.dn, NumberEcho)
		if err != nil || len(call) == 0 || call[0].CallID() == before {
			return false, nil
		}
		r.id = call[0].CallID()
		return slices.ContainsFunc(call, isRequest("BYE")), nil
	}); err != nil {
		w.t.Fatal(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		w.t.Errorf("the check took %v", took)
	}
	// The words and the edge of the button below are blue when another check can be
	// started; its ground is when nothing else is asked.
	w.await("the verdict", func() bool {
		img := w.look()
		all := image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy())
		r.green = greenish(img, all)
		return bluish(img, image.Rect(all.Dx()/8, all.Dy()-70, all.Dx()*7/8, all.Dy()-15)) > 100
	})
	return r
}
