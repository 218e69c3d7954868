package webapi

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"nxphone/call/webapi/webapitest"
)

// childEnv makes the test binary a stranger: it has the address that is to be
// attacked, and the origin that is claimed.
const childEnv = "NXPHONE_TEST_CHILD"

// child is the attack of another user: the best that can be forged.
func child() int {
	addr, origin, _ := strings.Cut(os.Getenv(childEnv), " ")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := webapitest.Dial(ctx, addr, webapitest.Options{Origin: origin})
	var refusal *webapitest.RefusedError
	if errors.As(err, &refusal) && refusal.Status == 403 {
		return 0
	}
	return 1
}

func TestParseRow(t *testing.T) {
	const row = "   1: 0100007F:9C4A 0100007F:42AE 01 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000000000000000 20 4 30 10 -1"
	got, ok := parseRow([]byte(row))
	want := socketRow{netip.MustParseAddrPort("127.0.0.1:40010"), netip.MustParseAddrPort("127.0.0.1:17070"), 1000}
	if !ok || got != want {
		t.Errorf("parseRow = %v %v, want %v", got, ok, want)
	}
	six := strings.ReplaceAll(row, "0100007F:9C4A", "0000000000000000FFFF00000100007F:9C4A")
	six = strings.ReplaceAll(six, "0100007F:42AE", "0000000000000000FFFF00000100007F:42AE")
	if got, ok := parseRow([]byte(six)); !ok || got != want {
		t.Errorf("a mapped address: %v %v", got, ok)
	}
	for name, bad := range map[string]string{
		"heading":   "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
		"listening": strings.Replace(row, " 01 ", " 0A ", 1),
		"orphan":    strings.Replace(row, " 12345 ", " 0 ", 1),
		"short":     row[:60],
		"no uid":    strings.Replace(row, " 1000 ", " root ", 1),
		"no port":   strings.Replace(row, "0100007F:9C4A", "0100007F", 1),
		"odd":       strings.Replace(row, "0100007F:9C4A", "0100007:9C4A", 1),
		"empty":     "",
	} {
		if got, ok := parseRow([]byte(bad)); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAnotherUser(t *testing.T) {
	r := newRig(t, func(o *Options) {
		o.Owner = procOwner{uid: os.Getuid() + 1, tables: []string{"/proc/net/tcp", "/proc/net/tcp6"}}
	})
	if got := r.refused(webapitest.Options{Origin: helpline}); got != 403 {
		t.Errorf("another user got %d, want 403", got)
	}
	if got := r.status(request{path: "/nxWebApi.js"}); got != 403 {
		t.Errorf("another user got %d for the script, want 403", got)
	}
}

// A table that cannot be read lets nobody in.
func TestOwnerUnknown(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Owner = procOwner{uid: os.Getuid(), tables: []string{"/proc/self"}} })
	if got := r.refused(webapitest.Options{Origin: helpline}); got != 403 {
		t.Errorf("somebody unknown got %d, want 403", got)
	}
	r = newRig(t, func(o *Options) { o.Owner = procOwner{uid: os.Getuid(), tables: []string{"/nowhere"}} })
	if got := r.refused(webapitest.Options{Origin: helpline}); got != 403 {
		t.Errorf("somebody unknown got %d, want 403", got)
	}
}

// A real process of a real other user, with an origin that is allowed.
func TestAnotherUsersProcess(t *testing.T) {
	if os.Getuid() != 0 {
		t.Log("not root: only the expected user can be another, see TestAnotherUser")
		return
	}
	r := newRig(t, nil)
	c := r.page(webapitest.Options{})
	id := r.inCall(c)
	// The test binary lies in a folder of root's: it is handed over as an open
	// file.
	exe, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer exe.Close()
	cmd := exec.CommandContext(r.ctx(), "/proc/self/fd/3", "-test.run=^$")
	cmd.ExtraFiles = []*os.File{exe}
	cmd.Dir = "/"
	cmd.Env = []string{childEnv + "=" + r.addr + " " + helpline}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("user 65534 was not refused with 403: %v\n%s", err, out)
	}
	r.unharmed(c, id)
}
