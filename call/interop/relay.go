package interop

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Relay is rtpengine: WebRTC media on one side, plain RTP on the other. It
// records every call's packets as they are on the plain side and between, so
// a test can see what the PBX was sent and when.
type Relay struct {
	*Process
	dir string // recordings
	ng  string // control address
}

func (l *Lab) startRelay() (*Relay, error) {
	first, last := l.block.relayRTP()
	dir := filepath.Join(l.plain, "relay")
	p, err := l.group.Start(Spec{
		Name: "rtpengine", Path: l.programs["rtpengine"], Dir: l.Dir,
		Args: []string{
			"--config-file=none", "--table=-1", // no kernel module
			"--interface=127.0.0.1", "--listen-ng=" + loopback(l.ports.NG),
			fmt.Sprintf("--port-min=%d", first), fmt.Sprintf("--port-max=%d", last),
			"--timeout=60", "--silent-timeout=600", "--delete-delay=0",
			"--num-threads=1", // two would put packets of a burst in the wrong order
			"--recording-method=pcap", "--recording-format=raw", "--recording-dir=" + dir,
			"--foreground", "--log-stderr", "--log-level=5",
		},
	})
	if err != nil {
		return nil, err
	}
	return &Relay{Process: p, dir: dir, ng: loopback(l.ports.NG)}, nil
}

func (r *Relay) ready(ctx context.Context) error {
	return waitReady(ctx, r.Process, func() (bool, error) { return r.ping() == nil, nil })
}

// ping asks the relay's control port whether it is there: a cookie, and then
// a bencoded dictionary.
func (r *Relay) ping() error {
	c, err := net.Dial("udp4", r.ng)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		return err
	}
	if _, err := c.Write([]byte("ready d7:command4:pinge")); err != nil {
		return err
	}
	buf := make([]byte, 256)
	n, err := c.Read(buf)
	if err != nil {
		return err
	}
	if !bytes.Contains(buf[:n], []byte("4:pong")) {
		return fmt.Errorf("interop: rtpengine said %q", buf[:n])
	}
	return nil
}

// Recording waits until the relay has finished the recording of a call (which
// it does when the call is deleted) and reads it.
func (r *Relay) Recording(ctx context.Context, callID string) (*Recording, error) {
	var file string
	err := WaitFor(ctx, "the relay's recording", func() (bool, error) {
		var err error
		file, err = r.finished(callID)
		return file != "", err
	})
	if err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readRecording(f)
}

// finished finds the packet file of a call that is over. The relay writes the
// call's metadata into a temporary folder and moves it when the call ends.
func (r *Relay) finished(callID string) (string, error) {
	metas, err := filepath.Glob(filepath.Join(r.dir, "metadata", "*.txt"))
	if err != nil {
		return "", err
	}
	for _, m := range metas {
		text, err := os.ReadFile(m)
		if err != nil {
			return "", err
		}
		// The first line is the packet file's path; the file's name begins
		// with the Call-ID.
		path, _, _ := strings.Cut(string(text), "\n")
		if strings.HasPrefix(filepath.Base(path), callID) {
			return filepath.Clean(strings.TrimSpace(path)), nil
		}
	}
	return "", nil
}
