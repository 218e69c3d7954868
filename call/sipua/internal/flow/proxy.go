package flow

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// chosen replaces the error of a choice, which repeats the proxy's address, user
// and password included.
func chosen(choose func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(req *http.Request) (*url.URL, error) {
		u, err := choose(req)
		if err != nil {
			return nil, &net.OpError{Op: proxyOp, Net: "tcp", Err: errors.New("its address cannot be read")}
		}
		return u, nil
	}
}

// tunnelled makes a transport reach plain http:// targets through CONNECT where
// the proxy is an HTTP one. SOCKS stays with net/http, which tunnels anyway.
func tunnelled(t *http.Transport) {
	choose, dial := t.Proxy, t.DialContext
	var tunnel *url.URL
	t.Proxy = func(req *http.Request) (*url.URL, error) {
		p, err := choose(req)
		if err != nil || p == nil || p.Scheme != "http" && p.Scheme != "https" {
			return p, err
		}
		tunnel = p
		return nil, nil
	}
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if tunnel == nil {
			return dial(ctx, network, addr)
		}
		conn, err := connect(ctx, dial, tunnel, addr)
		if err != nil {
			return nil, &net.OpError{Op: proxyOp, Net: network, Err: err}
		}
		return conn, nil
	}
}

// connect asks a proxy for a tunnel to addr (RFC 9110 section 9.3.6).
func connect(ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), proxy *url.URL, addr string) (net.Conn, error) {
	conn, err := dial(ctx, "tcp", hostPort(proxy))
	if err != nil {
		return nil, err
	}
	if proxy.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: proxy.Hostname(), MinVersion: tls.VersionTLS12})
	}
	// Reads and writes know no context; a deadline in the past wakes them.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err = askTunnel(conn, proxy.User, addr)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return conn, nil
}

func askTunnel(conn net.Conn, user *url.Userinfo, addr string) error {
	req := "CONNECT " + addr + " HTTP/1.1\r\nHost: " + addr + "\r\n"
	if user != nil {
		password, _ := user.Password()
		req += "Proxy-Authorization: Basic " +
			base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)) + "\r\n"
	}
	if _, err := conn.Write([]byte(req + "\r\n")); err != nil {
		return err
	}
	br := bufio.NewReader(conn)
	resp, err := http.ReadResponse(br, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return err
	}
	if err := tunnelRefused(resp); err != nil {
		return err
	}
	if br.Buffered() > 0 {
		// In HTTP the client speaks first, so nothing can be due yet.
		return errors.New("the proxy sent more than its answer")
	}
	return nil
}

func tunnelRefused(resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &net.OpError{Op: proxyOp, Net: "tcp",
		Err: fmt.Errorf("HTTP %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))}
}

// proxyOp is how net/http marks the faults of a proxy.
const proxyOp = "proxyconnect"

func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if u.Scheme == "https" {
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return net.JoinHostPort(u.Hostname(), "80")
}
