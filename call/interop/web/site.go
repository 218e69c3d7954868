package web

import (
	"crypto/tls"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"time"
)

//go:embed testdata
var pages embed.FS

// Site is a customer's web server: the pages of testdata, and nxWebApi.js
// beside them.
type Site struct {
	// Address is HOST:PORT, on loopback.
	Address string

	server *http.Server
	served chan struct{}
	script []byte
}

// ServeSite runs a web server on a free port of loopback; certificate nil
// serves plain http. Close must be called.
func ServeSite(script []byte, certificate *tls.Certificate) (*Site, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Site{Address: l.Addr().String(), script: script, served: make(chan struct{})}
	files, err := fs.Sub(pages, "testdata")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /nxWebApi.js", s.serveScript)
	mux.Handle("GET /", http.FileServerFS(files))
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second,
		// A browser that drops a connection is no news here.
		ErrorLog: log.New(io.Discard, "", 0)}
	if certificate != nil {
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*certificate}})
	}
	go func() { defer close(s.served); _ = s.server.Serve(l) }()
	return s, nil
}

func (s *Site) serveScript(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(s.script) // a browser that went away is seen elsewhere
}

// Port is the port that the site listens on.
func (s *Site) Port() string {
	_, port, _ := net.SplitHostPort(s.Address)
	return port
}

// Origin is the origin of the site's pages under a name of its host.
func (s *Site) Origin(scheme, host string) string {
	return fmt.Sprintf("%s://%s", scheme, net.JoinHostPort(host, s.Port()))
}

// Close ends the server.
func (s *Site) Close() {
	_ = s.server.Close() // nothing is left to be sent
	<-s.served
}
