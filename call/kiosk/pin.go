package kiosk

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2" // the hash of the PIN; the standard library has none that is made for guessable secrets
)

// ErrPINHash: a text is no argon2id hash that a booth can check.
var ErrPINHash = errors.New("kiosk: not an argon2id hash ($argon2id$v=19$m=...,t=...,p=...$salt$hash)")

// Bounds of what a hash may cost, which a wrong policy must not turn into a
// booth that hangs: 1 GiB, 16 passes. The settings have the same bounds.
const (
	mostMemory = 1 << 20 // KiB
	mostPasses = 16
)

// pinHash is a PHC string of argon2id, parsed (RFC 9106 has the function; the
// form is that of the reference program's -e).
type pinHash struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// parsePIN reads a PHC string.
func parsePIN(text string) (pinHash, error) {
	var h pinHash
	part := strings.Split(text, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != "v="+strconv.Itoa(argon2.Version) {
		return h, ErrPINHash
	}
	var lanes uint32
	for _, p := range []struct {
		name string
		into *uint32
		most uint32
	}{{"m", &h.memory, mostMemory}, {"t", &h.passes, mostPasses}, {"p", &lanes, 255}} {
		field, rest, _ := strings.Cut(part[3], ",")
		name, value, _ := strings.Cut(field, "=")
		n, err := strconv.ParseUint(value, 10, 32)
		if name != p.name || err != nil || n == 0 || uint32(n) > p.most {
			return h, fmt.Errorf("%w: %s must be 1 to %d", ErrPINHash, p.name, p.most)
		}
		*p.into, part[3] = uint32(n), rest
	}
	h.lanes = uint8(lanes)
	var err, err2 error
	h.salt, err = base64.RawStdEncoding.Strict().DecodeString(part[4])
	h.key, err2 = base64.RawStdEncoding.Strict().DecodeString(part[5])
	if part[3] != "" || err != nil || err2 != nil || len(h.salt) < 8 || len(h.key) < 16 || len(h.key) > 128 {
		return h, ErrPINHash
	}
	return h, nil
}

// matches takes the same time for every PIN.
func (h pinHash) matches(pin string) bool {
	key := argon2.IDKey([]byte(pin), h.salt, h.passes, h.memory, h.lanes, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1
}

// HashPIN makes the PHC string of a PIN for a policy, with the parameters that
// RFC 9106 section 4 recommends where memory is scarce (64 MiB, 3 passes).
func HashPIN(pin string) string {
	h := pinHash{memory: 64 << 10, passes: 3, lanes: 4, salt: make([]byte, 16)}
	_, _ = rand.Read(h.salt) // never fails since Go 1.24
	h.key = argon2.IDKey([]byte(pin), h.salt, h.passes, h.memory, h.lanes, 32)
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.memory, h.passes, h.lanes, e.EncodeToString(h.salt), e.EncodeToString(h.key))
}

// pinWait is how long no PIN is looked at after so many wrong ones: none after
// the first two (fingers slip), then half a minute, doubling to half an hour.
// Half of all PINs of four digits then take some hundred days to try.
func pinWait(failures int) time.Duration {
	if failures < 3 {
		return 0
	}
	return min(30*time.Second<<min(failures-3, 10), 30*time.Minute)
}

// tries is what is kept of wrong PINs. It holds nothing of the PINs themselves.
type tries struct {
	Failures int       `json:"failures"`
	Last     time.Time `json:"last"`
}

// lock checks the PIN and counts wrong ones.
type lock struct {
	hash pinHash
	path string
	log  *slog.Logger

	checking sync.Mutex // held while one PIN is being checked
	mu       sync.Mutex
	tries    tries
}

// newLock reads the count that an earlier run of the program has left. One that
// cannot be read counts as three: whoever can break the file must not gain by
// it.
func newLock(hash, path string, log *slog.Logger) (*lock, error) {
	h, err := parsePIN(hash)
	if err != nil {
		return nil, err
	}
	l := &lock{hash: h, path: path, log: log}
	if path == "" {
		return l, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &l.tries)
	}
	now := time.Now()
	if err != nil || l.tries.Failures < 0 {
		log.Warn("the count of wrong PINs cannot be read", "error", err)
		l.tries = tries{Failures: 3, Last: now}
	}
	// A clock that was put back must not lengthen the wait.
	if l.tries.Last.After(now) {
		l.tries.Last = now
	}
	return l, nil
}

// again is when the next PIN is looked at; zero: now.
func (l *lock) again(now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.tries.Last.Add(pinWait(l.tries.Failures))
	if !at.After(now) {
		return time.Time{}
	}
	return at
}

// try looks at one PIN. wait is how long the next one is refused unseen; where
// this one is, it is not counted. Of two at once the second is refused.
func (l *lock) try(pin string) (ok bool, wait time.Duration) {
	if !l.checking.TryLock() {
		return false, time.Second
	}
	defer l.checking.Unlock()
	now := time.Now()
	if at := l.again(now); !at.IsZero() {
		return false, at.Sub(now)
	}
	// It is counted before it is looked at: pulling the plug at the right
	// moment must not be a free attempt.
	l.count(func(t *tries) { *t = tries{Failures: t.Failures + 1, Last: now} })
	if len(pin) <= 64 && l.hash.matches(pin) {
		l.count(func(t *tries) { *t = tries{} })
		return true, 0
	}
	if at := l.again(time.Now()); !at.IsZero() {
		wait = time.Until(at)
	}
	return false, wait
}

func (l *lock) count(change func(*tries)) {
	l.mu.Lock()
	change(&l.tries)
	t := l.tries
	l.mu.Unlock()
	if l.path == "" {
		return
	}
	data, err := json.Marshal(t)
	if err == nil {
		err = writeFile(l.path, data)
	}
	if err != nil {
		l.log.Warn("the count of wrong PINs cannot be kept", "error", err)
	}
}
