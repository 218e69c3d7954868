package web

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// insideEnv marks a process that Isolate has started again; plainUserEnv says
// that it looks like root to itself only.
const (
	insideEnv    = "NXPHONE_WEB_ISOLATED"
	plainUserEnv = "NXPHONE_WEB_PLAIN_USER"
)

// Isolate starts the running program again in a network and a mount namespace
// of its own (unshare(1)); called there, it brings loopback up, puts an empty
// folder over Chromium's own configuration, and returns. So a test meets no
// phone but its own on the ports that phones are found on, and may lay down
// managed policies, without changing anything on the machine. It does not
// return in the outer program unless the system allows no namespaces.
func Isolate() error {
	if os.Getenv(insideEnv) != "" {
		return errors.Join(loopbackUp(), hideConfiguration())
	}
	path, err := exec.LookPath("unshare")
	if err != nil {
		return fmt.Errorf("web: unshare of the package util-linux is needed: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{path, "--net", "--mount"}
	env := append(os.Environ(), insideEnv+"=1")
	if os.Geteuid() != 0 || !allowed(args) {
		// A user namespace gives anybody the right to the other two, also a
		// root that has few rights of his own (containers).
		args = append(args, "--user", "--map-root-user")
		env = append(env, plainUserEnv+"=1")
	}
	if out, err := exec.Command(args[0], append(args[1:], "true")...).CombinedOutput(); err != nil {
		return fmt.Errorf("web: these tests need namespaces of their own (network, mounts): unshare: %w: %s", err, out)
	}
	args = append(append(args, self), os.Args[1:]...)
	return syscall.Exec(path, args, env)
}

// allowed reports whether unshare works with these arguments.
func allowed(args []string) bool {
	return exec.Command(args[0], append(args[1:], "true")...).Run() == nil
}

// loopbackUp does what "ip link set lo up" does.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("web: loopback: %w", err)
	}
	return nil
}

// configuration is where Debian's Chromium looks for its policies. The whole
// folder is covered: the one for policies need not exist.
const configuration = "/etc/chromium"

func hideConfiguration() error {
	if err := unix.Mount("tmpfs", configuration, "tmpfs", 0, "mode=0755"); err != nil {
		return fmt.Errorf("web: a folder over %s: %w", configuration, err)
	}
	return nil
}

// Policy is a managed policy of Chromium, as an administrator writes it.
type Policy struct {
	// LoopbackAllowed and LoopbackBlocked are the origins whose pages may
	// connect to programs on their own computer, and may not, without anybody
	// being asked.
	LoopbackAllowed []string `json:"LoopbackNetworkAllowedForUrls,omitempty"`
	LoopbackBlocked []string `json:"LoopbackNetworkBlockedForUrls,omitempty"`
	// Authorities are certificates (DER, base64) that the browser trusts
	// beside its own.
	Authorities []string `json:"CACertificates,omitempty"`
}

// Trust adds an authority.
func (p *Policy) Trust(ca *x509.Certificate) {
	p.Authorities = append(p.Authorities, base64.StdEncoding.EncodeToString(ca.Raw))
}

// Install writes the policy where a Chromium that is started from now on reads
// it. It refuses to do so outside of the namespaces of Isolate.
func (p Policy) Install() error {
	if os.Getenv(insideEnv) == "" {
		return errors.New("web: a policy is for this test only, and this is the machine")
	}
	text, err := json.MarshalIndent(p, "", "\t")
	if err != nil {
		return err
	}
	dir := filepath.Join(configuration, "policies", "managed")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "nxphone.json"), text, 0o644)
}
