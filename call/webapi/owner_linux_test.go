package webapi

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
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
		o.Owner = newDiagOwner(os.Getuid() + 1)
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

// Both ways to ask the kernel say the same, for sockets of either family.
func TestOwnersAgree(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, network := range []string{"tcp4", "tcp"} {
		addr := l.Addr().String()
		if network == "tcp" { // an IPv6 socket that speaks IPv4
			addr = strings.Replace(addr, "127.0.0.1", "[::ffff:127.0.0.1]", 1)
		}
		c, err := net.Dial(network, addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		local := l.Addr().(*net.TCPAddr).AddrPort()
		peer := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), c.LocalAddr().(*net.TCPAddr).AddrPort().Port())
		diag := newDiagOwner(os.Getuid())
		for _, o := range []PeerOwner{diag, diag.proc} {
			if err := o.Check(local, peer); err != nil {
				t.Errorf("%s, %T: %v", network, o, err)
			}
			if err := o.Check(peer, local); err == nil {
				t.Errorf("%s, %T: a socket that nobody has accepted has an owner", network, o)
			}
		}
		if !diag.works.Load() {
			t.Log("this kernel has no sock_diag: only the tables were tested")
		}
		other := newDiagOwner(os.Getuid() + 1)
		for _, o := range []PeerOwner{other, other.proc} {
			if err := o.Check(local, peer); err == nil {
				t.Errorf("%s, %T: another user is let in", network, o)
			}
		}
		c.Close()
		if err := diag.Check(local, peer); err == nil {
			t.Errorf("%s: a closed socket has an owner", network)
		}
	}
}

func TestParseDiag(t *testing.T) {
	from, to := netip.MustParseAddrPort("127.0.0.1:40010"), netip.MustParseAddrPort("127.0.0.1:17070")
	good := make([]byte, syscall.SizeofNlMsghdr+replyBytes)
	native := binary.NativeEndian
	native.PutUint16(good[4:], sockDiagByFamily)
	m := good[syscall.SizeofNlMsghdr:]
	m[1] = stateEstablished
	putSocketID(m[4:], from, to)
	native.PutUint32(m[64:], 1000)
	native.PutUint32(m[68:], 12345)
	if uid, err := parseDiag(good, from, to); err != nil || uid != 1000 {
		t.Errorf("%d %v", uid, err)
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"short":        func(b []byte) []byte { return b[:len(b)-1] },
		"empty":        func(b []byte) []byte { return nil },
		"an error":     func(b []byte) []byte { native.PutUint16(b[4:], syscall.NLMSG_ERROR); return b },
		"listening":    func(b []byte) []byte { b[syscall.SizeofNlMsghdr+1] = 10; return b },
		"another port": func(b []byte) []byte { b[syscall.SizeofNlMsghdr+4]++; return b },
		"no inode":     func(b []byte) []byte { native.PutUint32(b[syscall.SizeofNlMsghdr+68:], 0); return b },
	} {
		if uid, err := parseDiag(spoil(bytes.Clone(good)), from, to); err == nil {
			t.Errorf("%s: user %d", name, uid)
		}
	}
}

func BenchmarkOwner(b *testing.B) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	local, peer := l.Addr().(*net.TCPAddr).AddrPort(), c.LocalAddr().(*net.TCPAddr).AddrPort()
	diag := newDiagOwner(os.Getuid())
	for name, o := range map[string]PeerOwner{"diag": diag, "proc": diag.proc} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := o.Check(local, peer); err != nil {
					b.Fatal(err)
				}
			}
		})
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
