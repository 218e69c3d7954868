package systemd

import (
	"net"
	"strconv"
	"strings"
	"time"
)

// Notifier sends notifications to the service manager. A nil Notifier sends
// nothing.
type Notifier struct{ addr *net.UnixAddr }

// New reads NOTIFY_SOCKET: a path, or the name of an abstract socket behind an
// "@" (sd_notify(3)). It is nil where there is no manager, or one that is
// spoken to in another way (vsock).
func New(getenv func(string) string) *Notifier {
	name := getenv("NOTIFY_SOCKET")
	if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "@") {
		return nil
	}
	return &Notifier{&net.UnixAddr{Name: name, Net: "unixgram"}}
}

// Send sends assignments such as "READY=1" in one message. Line breaks inside
// one become blanks. It never waits for the manager for longer than a second.
func (n *Notifier) Send(assignments ...string) error {
	if n == nil {
		return nil
	}
	for i, a := range assignments {
		assignments[i] = strings.NewReplacer("\n", " ", "\r", " ", "\x00", " ").Replace(a)
	}
	conn, err := net.DialUnix("unixgram", nil, n.addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	_, err = conn.Write([]byte(strings.Join(assignments, "\n")))
	return err
}

// Interval is WATCHDOG_USEC: within which time the manager wants to be told, 0
// for never. It counts for the process that WATCHDOG_PID names, if it names
// one.
func Interval(getenv func(string) string, pid int) time.Duration {
	if want := getenv("WATCHDOG_PID"); want != "" && want != strconv.Itoa(pid) {
		return 0
	}
	usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || usec <= 0 || usec > int64(365*24*time.Hour/time.Microsecond) {
		return 0
	}
	return time.Duration(usec) * time.Microsecond
}
