package owner

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

// giveEveryone adds everybody to a file's list of rights.
func giveEveryone(t *testing.T, path string) {
	t.Helper()
	sid, err := me()
	if err != nil {
		t.Fatal(err)
	}
	sd, err := windows.SecurityDescriptorFromString("D:P(A;;FA;;;" + sid.String() + ")(A;;FR;;;WD)")
	if err != nil {
		t.Fatal(err)
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := windows.CreateFile(name, windows.WRITE_DAC, 0, nil, windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(h)
	if err := windows.SetKernelObjectSecurity(h, windows.DACL_SECURITY_INFORMATION, sd); err != nil {
		t.Fatal(err)
	}
}

func TestRights(t *testing.T) {
	// Not t.TempDir: old versions of Wine cannot remove it.
	dir, err := os.MkdirTemp("", "own")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "key")
	if err := os.WriteFile(file, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, file} {
		giveEveryone(t, path)
		if err := Check(path); err == nil {
			t.Errorf("%s: everybody reads it, and that is found right", path)
		}
		if err := Only(path); err != nil {
			t.Fatal(err)
		}
		if err := Check(path); err != nil {
			t.Errorf("after Only: %v", err)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "secret" {
		t.Errorf("the user himself: %q, %v", text, err)
	}
	none := filepath.Join(dir, "none")
	if Only(none) == nil || Check(none) == nil {
		t.Error("a file that is not there has rights")
	}
}

// knockVar makes the test binary a process at the other end of a connection.
const knockVar = "NXPHONE_TEST_KNOCK"

func TestMain(m *testing.M) {
	if address := os.Getenv(knockVar); address != "" {
		conn, err := net.Dial("tcp4", address)
		if err == nil {
			_, _ = io.Copy(io.Discard, conn)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestPeer(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), knockVar+"="+l.Addr().String())
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	here, there := conn.LocalAddr().(*net.TCPAddr).AddrPort(), conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	if pid, err := lookUp(there, here); err != nil || int(pid) != child.Process.Pid {
		t.Errorf("process %d, %v; it is %d", pid, err, child.Process.Pid)
	}
	if err := Peer(there, here); err != nil {
		t.Errorf("our own child: %v", err)
	}
	if err := Peer(netip.AddrPortFrom(there.Addr(), there.Port()^1), here); !errors.Is(err, ErrUnknown) {
		t.Errorf("nobody's connection: %v", err)
	}
	conn.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	if err := Peer(there, here); err == nil {
		t.Error("a connection that has ended is somebody's")
	}
}
