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
		Routes             []route
		Dir, Run, TraceDir string
	}{l.cfg, l.ports, l.tls, l.routes, l.Dir, l.run, filepath.Join(l.Dir, "trace")}
	if err := l.writeTemplate("kamailio.cfg", conf, data); err != nil {
		return nil, err
	}
	if err := l.writeTemplate("tls.cfg", filepath.Join(l.Dir, "tls.cfg"), data); err != nil {
		return nil, err
	}
	p, err := l.group.Start(Spec{
		Name: "kamailio", Path: l.programs["kamailio"], Dir: l.run,
		// In the foreground, logging to standard error.
		Args: []string{"-f", conf, "-DD", "-E", "-m", "64", "-M", "8", "-w", l.run, "-Y", l.run, "-P", filepath.Join(l.run, "pid")},
	})
	if err != nil {
		return nil, err
	}
	return &Kamailio{Process: p, lab: l}, nil
}

// ready waits until Kamailio holds its ports and answers.
func (k *Kamailio) ready(ctx context.Context) error {
	return waitReady(ctx, k.Process, func() (bool, error) {
		for _, port := range append([]tlsPort{{Port: k.lab.ports.WS}}, k.lab.tls...) {
			if ok, err := holds(k.PID(), "tcp", port.Port); !ok {
				return false, err
			}
		}
		_, err := k.RPC(ctx, "core.version")
		return err == nil, nil
	})
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

// WebSockets lists the ids of the open WebSocket connections.
func (k *Kamailio) WebSockets(ctx context.Context) ([]int, error) {
	raw, err := k.RPC(ctx, "ws.dump")
	if err != nil {
		return nil, err
	}
	return webSocketIDs(raw)
}

// CloseWebSocket makes the SBC close one connection.
func (k *Kamailio) CloseWebSocket(ctx context.Context, id int) error {
	_, err := k.RPC(ctx, "ws.close", id)
	return err
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

// webSocketIDs reads the answer of ws.dump, in which each connection is one
// text: "1: ws:127.0.0.1:48772 -> ws:127.0.0.1:24578 (state: OPEN, ...".
func webSocketIDs(raw json.RawMessage) ([]int, error) {
	var dump struct{ Connections []string }
	if err := json.Unmarshal(raw, &dump); err != nil {
		return nil, fmt.Errorf("interop: ws.dump: %w in %s", err, raw)
	}
	var ids []int
	for _, c := range dump.Connections {
		text, _, _ := strings.Cut(c, ":")
		id, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("interop: ws.dump has the connection %q", c)
		}
		ids = append(ids, id)
	}
	return ids, nil
}
