package doctor

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

// tunnelled makes a transport reach ws:// servers by CONNECT where a proxy is
// to be used, as RFC 6455 section 4.1 asks: net/http would hand the request
// itself to the proxy, which strips the upgrade.
func tunnelled(t *http.Transport) {
	choose, dial := t.Proxy, t.DialContext
	var through *url.URL
	t.Proxy = func(req *http.Request) (*url.URL, error) {
		p, err := choose(req)
		if err != nil || p == nil || p.Scheme != "http" && p.Scheme != "https" {
			return p, err
		}
		through = p
		return nil, nil
	}
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if through == nil {
			return dial(ctx, network, address)
		}
		conn, err := dial(ctx, "tcp", hostPort(through))
		if err != nil {
			return nil, &net.OpError{Op: proxyOp, Net: network, Err: err}
		}
		if through.Scheme == "https" {
			conn = tls.Client(conn, &tls.Config{ServerName: through.Hostname(), MinVersion: tls.VersionTLS12})
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
		err = tunnel(conn, through.User, address)
		if !stop() && err == nil {
			err = ctx.Err()
		}
		if err != nil {
			_ = conn.Close()
			return nil, &net.OpError{Op: proxyOp, Net: network, Err: err}
		}
		return conn, nil
	}
}

// tunnel asks a proxy for a way to address (RFC 9110 section 9.3.6).
func tunnel(conn net.Conn, user *url.Userinfo, address string) error {
	req := "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n"
	if user != nil {
		password, _ := user.Password()
		req += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)) + "\r\n"
	}
	if _, err := conn.Write([]byte(req + "\r\n")); err != nil {
		return err
	}
	br := bufio.NewReader(conn)
	resp, err := http.ReadResponse(br, &http.Request{Method: http.MethodConnect})
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("HTTP %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	case br.Buffered() > 0:
		return errors.New("the proxy sent more than its answer")
	}
	return nil
}

func hostPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if u.Scheme == "https" {
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return net.JoinHostPort(u.Hostname(), "80")
}
