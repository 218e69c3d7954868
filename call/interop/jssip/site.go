package jssip

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Site serves a page with JsSIP on loopback.
type Site struct {
	// URL is the page's; the page finds the script at /jssip.js.
	URL string

	server  *http.Server
	serving sync.WaitGroup
}

// NewSite serves a page and JsSIP beside it until Close.
func NewSite(ctx context.Context, page []byte) (*Site, error) {
	text, err := script(ctx)
	if err != nil {
		return nil, err
	}
	return serve(page, text)
}

func serve(page, script []byte) (*Site, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	answer := func(kind string, body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(body) // a browser that went away is seen elsewhere
		}
	}
	mux.HandleFunc("/jssip.js", answer("text/javascript; charset=utf-8", script))
	mux.HandleFunc("/{$}", answer("text/html; charset=utf-8", page))
	s := &Site{URL: fmt.Sprintf("http://%s/", l.Addr()), server: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}}
	s.serving.Go(func() { _ = s.server.Serve(l) })
	return s, nil
}

// Close ends the server and waits for it.
func (s *Site) Close() {
	_ = s.server.Close()
	s.serving.Wait()
}
