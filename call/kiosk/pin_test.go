package kiosk

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"

	"nxphone/call"
)

// cheapPIN is a hash that costs nothing.
func cheapPIN(t *testing.T, pin string) string {
	t.Helper()
	salt := []byte("saltsalt")
	e := base64.RawStdEncoding
	key := argon2.IDKey([]byte(pin), salt, 1, 8, 1, 32)
	return fmt.Sprintf("$argon2id$v=19$m=8,t=1,p=1$%s$%s", e.EncodeToString(salt), e.EncodeToString(key))
}

// reference was made by Debian's argon2 program:
// echo -n 4711 | argon2 somesalt -id -t 2 -k 1024 -p 1 -e
const reference = "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHQ$NmtOnZFWg/r+0DWB/xDDaN/ycLXEIpGW29mj5C7HpVc"

func TestParsePIN(t *testing.T) {
	h, err := parsePIN(reference)
	if err != nil || !h.matches("4711") || h.matches("4712") || h.matches("") {
		t.Errorf("the reference program's hash: %v", err)
	}
	h, err = parsePIN(HashPIN("0000"))
	if err != nil || !h.matches("0000") || h.matches("000") {
		t.Errorf("our own hash: %v", err)
	}
	good := cheapPIN(t, "1")
	for _, bad := range []string{
		"", "4711", "$", "$$$$$", strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=8", "m=0", 1), strings.Replace(good, "m=8", "m=99999999", 1),
		strings.Replace(good, "t=1", "t=17", 1), strings.Replace(good, "p=1", "p=256", 1), strings.Replace(good, "p=1", "p=1,x=1", 1),
		strings.Replace(good, "m=8,t=1", "t=1,m=8", 1), strings.Replace(good, "m=8", "m=-8", 1), good[:len(good)-30], good + "$x",
		strings.Replace(good, "c2FsdHNhbHQ", "c2Fs", 1), strings.Replace(good, "c2FsdHNhbHQ", "!!!!!!!!!!!", 1),
	} {
		if _, err := parsePIN(bad); !errors.Is(err, ErrPINHash) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// The table of the back-off.
func TestPINWait(t *testing.T) {
	for failures, want := range map[int]time.Duration{
		0: 0, 1: 0, 2: 0, 3: 30 * time.Second, 4: time.Minute, 5: 2 * time.Minute, 6: 4 * time.Minute,
		7: 8 * time.Minute, 8: 16 * time.Minute, 9: 30 * time.Minute, 10: 30 * time.Minute, 1 << 40: 30 * time.Minute,
	} {
		if got := pinWait(failures); got != want {
			t.Errorf("after %d: %v, want %v", failures, got, want)
		}
	}
}

func newTestLock(t *testing.T, path string) *lock {
	t.Helper()
	l, err := newLock(cheapPIN(t, "4711"), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state", "pin.json")
		l := newTestLock(t, path)
		for i, want := range []time.Duration{0, 0, 30 * time.Second} {
			if ok, wait := l.try("0000"); ok || wait != want {
				t.Errorf("attempt %d: %v %v, want %v", i+1, ok, wait, want)
			}
		}
		// Unseen, and uncounted, although it is the right one.
		if ok, wait := l.try("4711"); ok || wait != 30*time.Second {
			t.Errorf("in the wait: %v %v", ok, wait)
		}
		time.Sleep(10 * time.Second)
		// A restart of the program, or of the machine, is no way round.
		l = newTestLock(t, path)
		if ok, wait := l.try("4711"); ok || wait != 20*time.Second {
			t.Errorf("after a restart: %v %v", ok, wait)
		}
		time.Sleep(20 * time.Second)
		if ok, wait := l.try("1"); ok || wait != time.Minute {
			t.Errorf("the fourth: %v %v", ok, wait)
		}
		time.Sleep(time.Minute)
		if ok, wait := l.try("4711"); !ok || wait != 0 {
			t.Errorf("the right one: %v %v", ok, wait)
		}
		if l = newTestLock(t, path); l.tries.Failures != 0 {
			t.Errorf("the right one does not wipe the count: %+v", l.tries)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
		if data, _ := os.ReadFile(path); strings.Contains(string(data), "4711") || strings.Contains(string(data), "0000") {
			t.Errorf("the file holds a PIN: %s", data)
		}
	})
}

func TestLockFaults(t *testing.T) {
	write := func(t *testing.T, text string) string {
		path := filepath.Join(t.TempDir(), "pin.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	later, err := json.Marshal(tries{Failures: 4, Last: time.Now().Add(1000 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path string
		wait       time.Duration
	}{
		{"half a file", write(t, `{"fail`), 30 * time.Second},
		{"a negative count", write(t, `{"failures":-100}`), 30 * time.Second},
		{"a directory", t.TempDir(), 30 * time.Second},
		{"a clock that was put back", write(t, string(later)), time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newTestLock(t, tt.path)
			ok, wait := l.try("4711")
			if ok || wait > tt.wait || wait < tt.wait-5*time.Second {
				t.Errorf("%v %v, want %v", ok, wait, tt.wait)
			}
		})
	}
	// A count that cannot be kept still counts while the program runs.
	l := newTestLock(t, filepath.Join(write(t, ""), "below", "a", "file"))
	for range 3 {
		l.try("0000")
	}
	if ok, wait := l.try("4711"); ok || wait == 0 {
		t.Errorf("%v %v", ok, wait)
	}
	if _, err := newLock("4711", "", slog.New(slog.DiscardHandler)); !errors.Is(err, ErrPINHash) {
		t.Error(err)
	}
}

func TestPINLeaves(t *testing.T) {
	booth(t, Options{PINHash: cheapPIN(t, "4711")}, func(r *rig) {
		if !r.Status().PIN {
			t.Error("no way out is shown")
		}
		for range 3 {
			if ok, _ := r.PIN(r.ctx, "0000"); ok {
				t.Fatal("a wrong PIN")
			}
		}
		s := r.Status()
		if d := time.Until(s.PINAgain); d != 30*time.Second {
			t.Errorf("again in %v", d)
		}
		// The wait keeps nobody from the buttons, and in a call no PIN counts.
		r.press(Counsellor)
		r.phone.answer()
		pass(time.Minute)
		if ok, wait := r.PIN(r.ctx, "4711"); ok || wait != 0 {
			t.Errorf("in a call: %v %v", ok, wait)
		}
		r.phone.end(call.CodeRemoteHangup)
		if ok, _ := r.PIN(r.ctx, "4711"); !ok {
			t.Error("the right PIN")
		}
		if o := <-r.outcome; o != Left {
			t.Error(o)
		}
	})
}

func TestNoPIN(t *testing.T) {
	for _, hash := range []string{"", "no hash"} {
		booth(t, Options{PINHash: hash}, func(r *rig) {
			if ok, wait := r.PIN(r.ctx, ""); ok || wait != 0 || r.Status().PIN {
				t.Errorf("%q: %v %v", hash, ok, wait)
			}
			r.press(Counsellor)
			r.screen(Calling)
		})
	}
}

// A policy may hold anything.
func FuzzParsePIN(f *testing.F) {
	f.Add(reference)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parsePIN(text)
		if err == nil && (h.memory == 0 || h.memory > mostMemory || h.passes == 0 || h.passes > mostPasses || h.lanes == 0 || len(h.salt) == 0 || len(h.key) < 16) {
			t.Errorf("%q gives %+v", text, h)
		}
	})
}

// TestRightPIN: the word that the PIN was right comes although the booth ends by
// it at that moment. Not in a bubble: it takes two processors to see both at
// once.
func TestRightPIN(t *testing.T) {
	hash := cheapPIN(t, "4711")
	for range 500 {
		b := New(Options{PINHash: hash, Logger: slog.New(slog.DiscardHandler)})
		var wg sync.WaitGroup
		wg.Go(func() { b.Run(t.Context()) })
		ok, _ := b.PIN(t.Context(), "4711")
		wg.Wait()
		if !ok {
			t.Fatal("the right PIN")
		}
	}
}
