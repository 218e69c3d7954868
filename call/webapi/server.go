// Package webapi lets allowed web pages drive the phone over loopback.
package webapi

import (
	"context"
	"iter"
	"net/netip"
)

// Server is the web API.
type Server struct{ opts Options }

// New checks the options.
func New(opts Options) (*Server, error) { return &Server{opts: opts}, nil }

// Run serves until ctx ends, and returns when everything has ended.
func (s *Server) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Open opens the loopback port. It may be called before Run, and again after
// Shut.
func (s *Server) Open(ctx context.Context) (netip.AddrPort, error) { return netip.AddrPort{}, ErrClosed }

// Shut closes the loopback port and its connections; the call goes on.
func (s *Server) Shut() {}

// ListenControl opens the Unix socket for native programs.
func (s *Server) ListenControl(path string) error { return ErrClosed }

// Watch tells the state now and each change, the newest only.
func (s *Server) Watch(ctx context.Context) iter.Seq[State] {
	return func(yield func(State) bool) {}
}

// Revoke closes the connections of an origin and forgets the user's Yes.
func (s *Server) Revoke(origin string) error { return nil }
