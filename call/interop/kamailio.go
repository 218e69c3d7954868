package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Kamailio is the SBC of a lab.
type Kamailio struct {
	*Process
	lab   *Lab
	calls atomic.Int64 // numbers the RPC requests
}

func (l *Lab) startKamailio() (*Kamailio, error) {
	conf := filepath.Join(l.Dir, "kamailio.cfg")
	data := struct {
		Config
		Ports              labPorts
		TLS                []tlsPort
		Routes             []Route
		Dir, Run, TraceDir string
	}{l.cfg, l.ports, l.tls, l.routes, l.plain, l.run, filepath.Join(l.plain, "trace")}
	if err := l.writeTemplate("kamailio.cfg", conf, data); err != nil {
		return nil, err
	}
	if err := l.writeTemplate("tls.cfg", filepath.Join(l.Dir, "tls.cfg"), data); err != nil {
		return nil, err
	}
	p, err := l.group.Start(Spec{
		Name: "kamailio", Path: l.programs["kamailio"], Dir: l.run,
		// In the foreground, logging to standard error.
		Args: []string{"-f", filepath.Join(l.plain, "kamailio.cfg"), "-DD", "-E", "-m", "64", "-M", "8", "-w", l.run, "-Y", l.run, "-P", filepath.Join(l.run, "pid")},
	})
	if err != nil {
		return nil, err
	}
	return &Kamailio{Process: p, lab: l}, nil
}

// ready waits until Kamailio answers. It binds its ports before it forks the
// process that answers, and ends when one of them is taken.
func (k *Kamailio) ready(ctx context.Context) error {
	var last error // why it was not ready when it was last asked
	err := waitReady(ctx, k.Process, func() (bool, error) {
		_, last = k.RPC(ctx, "core.version")
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("%w\n(%v)", err, last)
	}
	return nil
}

// RPC calls one of Kamailio's remote procedures ("ws.dump", "dlg.list").
func (k *Kamailio) RPC(ctx context.Context, method string, params ...any) (json.RawMessage, error) {
	n := k.calls.Add(1)
	here := filepath.Join(k.lab.run, fmt.Sprintf("rpc-%d", n))
	c, err := net.DialUnix("unixgram", &net.UnixAddr{Name: here, Net: "unixgram"},
		&net.UnixAddr{Name: filepath.Join(k.lab.run, "rpc"), Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	defer c.Close() // removes nothing: the folder goes with the lab
	deadline := time.Now().Add(2 * time.Second)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	if err := c.SetDeadline(deadline); err != nil {
		return nil, err
	}
	if params == nil {
		params = []any{}
	}
	req, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": method, "params": params, "id": n})
	if err != nil {
		return nil, err
	}
	if _, err := c.Write(req); err != nil {
		return nil, err
	}
	buf := make([]byte, 64<<10)
	size, err := c.Read(buf)
	if err != nil {
		return nil, fmt.Errorf("interop: rpc %s: %w", method, err)
	}
	var reply struct {
		Result json.RawMessage
		Error  *struct {
			Code    int
			Message string
		}
	}
	if err := json.Unmarshal(buf[:size], &reply); err != nil {
		return nil, fmt.Errorf("interop: rpc %s: %w", method, err)
	}
	if reply.Error != nil {
		return nil, fmt.Errorf("interop: rpc %s: %d %s", method, reply.Error.Code, reply.Error.Message)
	}
	return reply.Result, nil
}

// WebSocket is one connection to the SBC.
type WebSocket struct {
	ID         int
	ClientPort int
}

// WebSockets lists the open connections.
func (k *Kamailio) WebSockets(ctx context.Context) ([]WebSocket, error) {
	raw, err := k.RPC(ctx, "ws.dump")
	if err != nil {
		return nil, err
	}
	return parseWebSockets(raw)
}

// CloseWebSocketFrom makes the SBC close the connection from a client's port.
func (k *Kamailio) CloseWebSocketFrom(ctx context.Context, port int) error {
	all, err := k.WebSockets(ctx)
	if err != nil {
		return err
	}
	for _, ws := range all {
		if ws.ClientPort == port {
			_, err := k.RPC(ctx, "ws.close", ws.ID)
			return err
		}
	}
	return fmt.Errorf("interop: the SBC has no WebSocket from port %d: %v", port, all)
}

// Dialogs counts the calls that the SBC holds to be up (answered and not
// ended).
func (k *Kamailio) Dialogs(ctx context.Context) (int, error) {
	raw, err := k.RPC(ctx, "dlg.stats_active")
	if err != nil {
		return 0, err
	}
	var stats struct{ All int }
	if err := json.Unmarshal(raw, &stats); err != nil {
		return 0, fmt.Errorf("interop: dlg.stats_active: %w in %s", err, raw)
	}
	return stats.All, nil
}

// Handshakes returns the log lines of the WebSocket handshakes so far.
func (k *Kamailio) Handshakes() []string {
	var lines []string
	for line := range strings.Lines(k.Log()) {
		if strings.Contains(line, "handshake ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// parseWebSockets reads the answer of ws.dump, in which each connection is one
// text: "1: ws:127.0.0.1:48772 -> ws:127.0.0.1:24578 (state: OPEN, ...".
func parseWebSockets(raw json.RawMessage) ([]WebSocket, error) {
	var dump struct{ Connections []string }
	if err := json.Unmarshal(raw, &dump); err != nil {
		return nil, fmt.Errorf("interop: ws.dump: %w in %s", err, raw)
	}
	var all []WebSocket
	for _, text := range dump.Connections {
		id, rest, _ := strings.Cut(text, ": ")
		client, _, _ := strings.Cut(rest, " -> ")
		n, err := strconv.Atoi(id)
		port, perr := strconv.Atoi(client[strings.LastIndexByte(client, ':')+1:])
		if err != nil || perr != nil {
			return nil, fmt.Errorf("interop: ws.dump has the connection %q", text)
		}
		all = append(all, WebSocket{ID: n, ClientPort: port})
	}
	return all, nil
}
