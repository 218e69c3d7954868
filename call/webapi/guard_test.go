package webapi

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"nxphone/call/webapi/webapitest"
)

// request is one request as an attacker writes it, header by header.
type request struct {
	method, path, host string
	header             []string
	body               string
}

// send writes it to a connection of its own and reads the answer.
func (r *rig) send(q request) *http.Response {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if q.method == "" {
		q.method = "GET"
	}
	if q.host == "" {
		q.host = r.addr
	}
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n", q.method, q.path, q.host)
	for _, h := range q.header {
		text += h + "\r\n"
	}
	if q.body != "" {
		text += fmt.Sprintf("Content-Length: %d\r\n", len(q.body))
	}
	if _, err := io.WriteString(conn, text+"\r\n"+q.body); err != nil {
		r.t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: q.method})
	if err != nil {
		r.t.Fatalf("%s %s: %v", q.method, q.path, err)
	}
	r.t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func (r *rig) status(q request) int {
	r.t.Helper()
	return r.send(q).StatusCode
}

// upgrade is a right handshake of a WebSocket, but for what is added.
func upgrade(header ...string) []string {
	return append([]string{
		"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol: nxphone.v1",
	}, header...)
}

// Each attack is refused with its status, and the call that is up goes on.
func TestAttacks(t *testing.T) {
	r := newRig(t, nil)
	page := r.page(webapitest.Options{})
	id := r.inCall(page)
	_, port, _ := net.SplitHostPort(r.addr)
	const good = "Origin: " + helpline
	const json = "Content-Type: application/json"
	for _, a := range []struct {
		name string
		q    request
		want int
	}{
		{"websocket, wrong origin", request{path: "/v1", header: upgrade("Origin: " + stranger)}, 403},
		{"websocket, null", request{path: "/v1", header: upgrade("Origin: null")}, 403},
		{"websocket, no origin", request{path: "/v1", header: upgrade()}, 403},
		{"websocket, two origins", request{path: "/v1", header: upgrade(good, "Origin: "+stranger)}, 403},
		{"websocket, two in one", request{path: "/v1", header: upgrade("Origin: " + helpline + ", " + stranger)}, 403},
		{"websocket, another port", request{path: "/v1", header: upgrade(good + ":8443")}, 403},
		{"websocket, another scheme", request{path: "/v1", header: upgrade("Origin: http://helpline.example")}, 403},
		{"websocket, a subdomain", request{path: "/v1", header: upgrade("Origin: https://a.helpline.example")}, 403},
		{"websocket, a longer name", request{path: "/v1", header: upgrade(good + ".evil.example")}, 403},
		{"websocket, a path", request{path: "/v1", header: upgrade(good + "/")}, 403},
		{"websocket, upper case", request{path: "/v1", header: upgrade("Origin: https://HELPLINE.example")}, 403},
		{"websocket, an extension", request{path: "/v1", header: upgrade("Origin: chrome-extension://abcdef")}, 403},
		{"websocket, our own origin", request{path: "/v1", header: upgrade("Origin: http://" + r.addr)}, 403},
		{"websocket, rebinding", request{path: "/v1", host: "evil.example:" + port, header: upgrade(good)}, 421},
		{"websocket, no subprotocol", request{path: "/v1", header: append(upgrade(good)[:4], good)}, 400},
		{"websocket, wrong version", request{path: "/v1", header: []string{good, "Connection: Upgrade", "Upgrade: websocket",
			"Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol: nxphone.v1"}}, 400},
		{"websocket, no-cors", request{path: "/v1", header: upgrade(good, "Sec-Fetch-Mode: no-cors")}, 403},
		{"websocket, another path", request{path: "/v2", header: upgrade(good)}, 404},
		{"websocket by POST", request{method: "POST", path: "/v1", header: upgrade(good)}, 415},
		{"rebinding", request{path: "/", host: "evil.example:" + port}, 421},
		{"rebinding without a port", request{path: "/", host: "127.0.0.1"}, 421},
		{"rebinding to another port", request{path: "/", host: "127.0.0.1:1"}, 421},
		{"rebinding, the script", request{path: "/nxWebApi.js", host: "evil.example:" + port}, 421},
		{"rebinding by the wildcard", request{path: "/", host: "0.0.0.0:" + port}, 421},
		{"rebinding by a full URL", request{path: "http://evil.example:" + port + "/nxWebApi.js"}, 421},
		{"rebinding by OPTIONS *", request{method: "OPTIONS", path: "*", host: "evil.example:" + port}, 421},
		{"OPTIONS * of a stranger", request{method: "OPTIONS", path: "*", header: []string{"Origin: " + stranger}}, 403},
		{"form", request{method: "POST", path: "/v1", body: "a=b", header: []string{"Origin: null",
			"Sec-Fetch-Mode: navigate", "Content-Type: application/x-www-form-urlencoded"}}, 403},
		{"form of an old browser", request{method: "POST", path: "/v1", body: "a=b", header: []string{"Origin: " + stranger,
			"Content-Type: text/plain"}}, 403},
		{"form of an allowed page", request{method: "POST", path: "/v1", body: "a=b", header: []string{good,
			"Content-Type: application/x-www-form-urlencoded"}}, 415},
		{"navigation", request{path: "/", header: []string{"Sec-Fetch-Mode: navigate"}}, 403},
		{"navigation to the socket", request{path: "/v1", header: []string{"Sec-Fetch-Mode: navigate", good}}, 403},
		{"frame", request{path: "/", header: []string{"Sec-Fetch-Mode: nested-navigate"}}, 403},
		{"image", request{path: "/a.png", header: []string{"Sec-Fetch-Mode: no-cors", good}}, 403},
		{"no origin", request{path: "/"}, 403},
		{"null origin", request{path: "/", header: []string{"Origin: null"}}, 403},
		{"wrong origin", request{path: "/", header: []string{"Origin: " + stranger}}, 403},
		{"wrong origin, JSON", request{method: "POST", path: "/v1", body: "{}", header: []string{"Origin: " + stranger, json}}, 403},
		{"preflight, wrong origin", request{method: "OPTIONS", path: "/v1", header: []string{"Origin: " + stranger}}, 403},
		{"preflight", request{method: "OPTIONS", path: "/v1", header: []string{good}}, 204},
		{"GET never acts", request{path: "/dial?tel=600", header: []string{good}}, 404},
		{"the socket without an upgrade", request{path: "/v1", header: []string{good}}, 426},
		{"JSON that nobody takes", request{method: "POST", path: "/v1", body: "{}", header: []string{good, json}}, 404},
		{"JSON by name only", request{method: "POST", path: "/v1", body: "{}", header: []string{good, "Content-Type: application/jsonx"}}, 415},
		{"DELETE", request{method: "DELETE", path: "/v1", header: []string{good}}, 405},
		{"a method of its own", request{method: "DIAL", path: "/v1", header: []string{good}}, 405},
		{"the script by POST", request{method: "POST", path: "/nxWebApi.js"}, 403},
		{"a header without end", request{path: "/", header: []string{"X: " + strings.Repeat("x", 20_000)}}, 431},
	} {
		answer := r.send(a.q)
		if answer.StatusCode != a.want {
			t.Errorf("%s: status %d, want %d", a.name, answer.StatusCode, a.want)
		}
		allow := answer.Header.Get("Access-Control-Allow-Origin")
		if mayRead := allow != ""; mayRead && (allow != helpline || a.want == 403 || a.want == 421) {
			t.Errorf("%s: Access-Control-Allow-Origin %q", a.name, allow)
		}
		if len(answer.Cookies()) > 0 {
			t.Errorf("%s: a cookie", a.name)
		}
	}
	r.unharmed(page, id)
}

func TestScript(t *testing.T) {
	r := newRig(t, nil)
	answer := r.send(request{path: "/nxWebApi.js", header: []string{"Sec-Fetch-Mode: no-cors", "Origin: " + stranger}})
	body, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != 200 || string(body) != "/* nxWebApi */" {
		t.Fatalf("%d %q", answer.StatusCode, body)
	}
	for name, want := range map[string]string{
		"Content-Type":                 "text/javascript; charset=utf-8",
		"X-Content-Type-Options":       "nosniff",
		"Cross-Origin-Resource-Policy": "cross-origin",
		"Access-Control-Allow-Origin":  "*",
		"Cache-Control":                "no-cache",
		"Vary":                         "Origin",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	etag := answer.Header.Get("ETag")
	if got := r.status(request{path: "/nxWebApi.js", header: []string{"If-None-Match: " + etag}}); etag == "" || got != 304 {
		t.Errorf("with the ETag %q: %d, want 304", etag, got)
	}
	if got := r.send(request{method: "HEAD", path: "/nxWebApi.js"}); got.StatusCode != 200 || got.ContentLength != 14 {
		t.Errorf("HEAD: %d, %d bytes", got.StatusCode, got.ContentLength)
	}
	if got := r.status(request{path: "/nxWebApi.js", header: []string{"Sec-Fetch-Mode: navigate"}}); got != 200 {
		t.Errorf("opened in a tab: %d, want 200", got)
	}
	for _, host := range []string{"localhost", "[::1]"} {
		_, port, _ := net.SplitHostPort(r.addr)
		if got := r.status(request{path: "/nxWebApi.js", host: host + ":" + port}); got != 200 {
			t.Errorf("as %s: %d, want 200", host, got)
		}
	}
}

// What is listened on is loopback, and nothing else.
func TestOnlyLoopback(t *testing.T) {
	r := newRig(t, nil)
	if !strings.HasPrefix(r.addr, "127.0.0.1:") {
		t.Errorf("the port is open at %s", r.addr)
	}
	_, port, _ := net.SplitHostPort(r.addr)
	for _, host := range []string{"127.0.0.2", "[::1]"} {
		if conn, err := net.DialTimeout("tcp", host+":"+port, time.Second); err == nil {
			conn.Close()
			t.Errorf("%s answers too", host)
		}
	}
}
